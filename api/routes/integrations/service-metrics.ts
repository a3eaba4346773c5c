import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { listServices } from '../../../db/read-models/service-list';
import { readServiceMetrics } from '../../../db/read-models/service-metrics';
import { publicId } from '../../../domain/ids';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { serviceIdOutput, serviceParams } from './schemas';

const windows = { '5m': 300_000, '1h': 3_600_000, '24h': 86_400_000 } as const;
const windowNames = ['5m', '1h', '24h'] as const;

const rate = z.number().nullable().meta({ description: 'From 0 to 1; null without calls.' });
const time = z.number().nullable();

const metricsOutput = z
  .object({
    object: z.literal('service_metrics'),
    serviceId: serviceIdOutput,
    windows: z.array(
      z.object({
        window: z.enum(windowNames),
        count: z.int(),
        isComplete: z.boolean().meta({ description: 'False: of the newest 20,000 calls only.' }),
        callsPerMinute: z.number(),
        successRate: rate,
        answeredRate: z.number().nullable().meta({ description: 'With refusals, which are answers too.' }),
        failed: z.int(),
        p50Ms: time,
        p95Ms: time,
        p99Ms: time,
      }),
    ),
  })
  .meta({ id: 'ServiceMetrics' });

/** How a service does, from the log of its calls. */
export function serviceMetricsRoutes(deps: { database: Database }): Route[] {
  const get = defineRoute({
    operationId: 'getServiceMetrics',
    method: 'get',
    path: '/integrations/services/{id}/metrics',
    tag: 'Integrations',
    summary: 'Read how often a service is called, how well and how fast it answers',
    auth: 'admin',
    params: serviceParams,
    responses: { 200: { description: 'Of the last 5 minutes, hour and day.', body: metricsOutput } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const [service] = await listServices(deps.database, { id: params.id, limit: 1 });
      if (service === undefined) return fail('not_found');
      const now = Date.now();
      const told = [];
      for (const window of windowNames) told.push(await ofWindow(params.id, window, now));
      const serviceId = publicId(service.of === 'channel' ? 'channelConfig' : 'service', service.id);
      return { status: 200, body: { object: 'service_metrics' as const, serviceId, windows: told } };
    },
  });

  async function ofWindow(serviceId: string, window: (typeof windowNames)[number], nowMs: number) {
    const since = new Date(nowMs - windows[window]);
    const { ok, declined, ...metrics } = await readServiceMetrics(deps.database, serviceId, since);
    const share = (part: number) => (metrics.count === 0 ? null : part / metrics.count);
    return {
      window,
      ...metrics,
      callsPerMinute: metrics.count / (windows[window] / 60_000),
      successRate: share(ok),
      answeredRate: share(ok + declined),
    };
  }

  return [get];
}
