import type { HealthTarget } from '../activities/sweeps/sweep-integrations';
import type { Database } from '../db/pool';
import { listServices, type ListedService } from '../db/read-models/service-list';
import type { CallOutcome } from '../integrations/call-outcome';
import { classifyPlain } from '../integrations/services/http-endpoint';
import { contextOf } from '../integrations/services/call-context';
import type { ServiceCall } from '../integrations/services/service-adapter';
import { lookForNothing } from './channel-look';
import type { createChannels } from './channels';
import type { Outgoing } from './outgoing';
import type { createServices } from './services';

const targetsMax = 500;
const timeoutMs = 10_000;
const correlationId = 'sweep/health';

/** Every enabled service and channel that can be asked how it is, at no cost and without an effect. */
export function createHealthTargets(deps: {
  database: Database;
  channels: Pick<ReturnType<typeof createChannels>, 'channelOf'>;
  services: Pick<ReturnType<typeof createServices>, 'serviceOf'>;
  outgoing: Outgoing;
}): () => Promise<HealthTarget[]> {
  return async () => {
    const listed = await listServices(deps.database, { isEnabled: true, limit: targetsMax });
    const targets = await Promise.all(
      listed.map((row) => (row.of === 'channel' ? ofChannel(row.id, row.name) : ofService(row))),
    );
    return targets.filter((target) => target !== undefined);
  };

  async function ofChannel(id: string, name: string): Promise<HealthTarget | undefined> {
    const channel = await deps.channels.channelOf(id);
    if (channel?.provider.capabilities.query !== true) return undefined;
    return {
      id,
      name,
      async check() {
        const status = await lookForNothing(channel, { timeoutMs, correlationId });
        return status.kind === 'unknown'
          ? { isHealthy: false, message: 'no clear answer' }
          : { isHealthy: true };
      },
    };
  }

  async function ofService(
    row: Extract<ListedService, { of: 'service' }>,
  ): Promise<HealthTarget | undefined> {
    const ready = await deps.services.serviceOf(row.id);
    const endpoint = row.document.healthCheckEndpoint;
    const check = ready?.adapter.checkHealth?.bind(ready.adapter);
    if (ready === undefined || (endpoint === null && check === undefined)) return undefined;
    const call: ServiceCall = { service: ready.service, timeoutMs, correlationId };
    return {
      id: row.id,
      name: ready.service.name,
      check: async () => findingFrom(endpoint !== null ? await ask(call, endpoint) : await check?.(call)),
    };
  }

  function ask(call: ServiceCall, endpoint: string): Promise<CallOutcome<unknown>> {
    const url = new URL(endpoint);
    const request = {
      method: 'GET' as const,
      origin: url.origin,
      path: url.pathname + url.search,
      headers: {},
    };
    return deps.outgoing.caller.call(contextOf(call, 'health'), async (deadline) =>
      classifyPlain(await deps.outgoing.http.exchange(request, deadline)),
    );
  }
}

/** A refusal is an answer too: whoever refuses is there. */
function findingFrom(outcome: CallOutcome<unknown> | undefined) {
  if (outcome === undefined || outcome.kind === 'ok' || outcome.kind === 'declined')
    return { isHealthy: true };
  return { isHealthy: false, message: `${outcome.code}: ${outcome.message}`.slice(0, 300) };
}
