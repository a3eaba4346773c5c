import type { ConfigListener } from '../db/config-listener';
import type { Database } from '../db/pool';
import { createShortCache } from '../db/short-cache';
import { createConfigVersions } from '../db/stores/config-versions-store';
import { listServiceNames, openService } from '../db/stores/services-store';
import { splitSecrets } from '../domain/config/secrets';
import type { CallOutcome } from '../integrations/call-outcome';
import { createServiceAdapters } from '../integrations/services/adapters';
import { createCallByPreference } from '../integrations/services/call-by-preference';
import type { ReadyService, ServiceType } from '../integrations/services/service-adapter';
import type { SecretBox } from '../security/secret-box';
import type { Log } from '../telemetry/log';
import type { Outgoing } from './outgoing';

/** Notifications make a change felt at once; this is for those that were swallowed. */
const rememberedMs = 5_000;

/** Configured services, ready to be called: row, decrypted secrets and adapter, read anew when they change. */
export function createServices(deps: {
  database: Database;
  secretBox: SecretBox;
  log: Log;
  outgoing: Outgoing;
  listener: ConfigListener;
}) {
  const { database, outgoing } = deps;
  const adapters = createServiceAdapters({
    caller: outgoing.caller,
    http: outgoing.http,
    now: () => new Date(),
  });
  const versions = createConfigVersions(deps);
  const cache = createShortCache({ ttlMs: rememberedMs, entriesMax: 1_000, read: load });
  const names = createShortCache({
    ttlMs: rememberedMs,
    entriesMax: 1,
    read: () => listServiceNames(database),
  });
  deps.listener.onChange((change) => {
    if (change !== 'everything' && change.kind !== 'service') return;
    names.forgetAll();
    cache.forgetAll();
  });

  async function serviceNamed(name: string): Promise<ReadyService | undefined> {
    const found = (await names.get('all')).find((service) => service.name === name);
    return found && cache.get(found.id);
  }

  async function namesOf(type: ServiceType): Promise<string[]> {
    const known = await names.get('all');
    return known.filter((row) => row.serviceType === type && row.isEnabled).map(({ name }) => name);
  }

  async function load(id: string): Promise<ReadyService | undefined> {
    const row = await openService(database, versions, id);
    if (row === undefined) return undefined;
    const { document } = row;
    const adapter = adapters.find(document.serviceType, document.kind);
    if (adapter === undefined) {
      deps.log.error({ kind: document.kind }, 'a service is configured that this build has no adapter for');
      return undefined;
    }
    const { name, kind, configurations, defaultTimeoutMs: timeoutMs, retryPolicy } = document;
    const serviceType = document.serviceType as ServiceType;
    const { secrets } = splitSecrets(configurations, adapter.secretFields);
    outgoing.know(id, { limits: document.limits, secrets: secrets.map(([, secret]) => secret) });
    return {
      adapter,
      service: { id, name, serviceType, kind, configurations, timeoutMs, retryPolicy },
      isEnabled: document.isEnabled,
    };
  }

  return {
    adapters,
    versions,
    serviceOf: (id: string) => cache.get(id),
    serviceNamed,
    callByPreference: createCallByPreference({ serviceNamed, namesOf, log: deps.log }),
    /** As it is configured this moment, enabled or not. */
    async testConnection(
      id: string,
      options: { recipient?: string; correlationId: string },
    ): Promise<CallOutcome<unknown> | undefined> {
      const ready = await load(id);
      if (ready === undefined) return undefined;
      const { correlationId, ...wanted } = options;
      const { service } = ready;
      return ready.adapter.testConnection({ service, timeoutMs: service.timeoutMs, correlationId }, wanted);
    },
  };
}
