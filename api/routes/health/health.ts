import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { partitionsAhead, pendingMigrations } from '../../../db/migration-state';
import { check, checkWithinMs, NotReady } from '../../../telemetry/check';
import { withinTime } from '../../../telemetry/within-time';
import { defineRoute, type Route } from '../../route';

export interface HealthDeps {
  database: Database;
  /** Rejects while the workflow service can't be reached. */
  temporalHealth: () => Promise<void>;
  /** From the first sign of stopping, so that balancers look elsewhere while requests drain. */
  isShuttingDown: () => boolean;
}

const partitionsAheadMin = 2;

const checkOutput = z.object({ ok: z.boolean(), message: z.string().optional() });

const readiness = z
  .object({
    status: z.enum(['ready', 'not_ready', 'shutting_down']),
    checks: z.record(z.string(), checkOutput),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Readiness' });

export function healthRoutes(deps: HealthDeps): Route[] {
  const healthz = defineRoute({
    operationId: 'getHealth',
    method: 'get',
    path: '/healthz',
    base: 'root',
    tag: 'Operations',
    summary: 'Is the process alive',
    auth: 'public',
    responses: { 200: { description: 'It is.', body: z.object({ status: z.literal('ok') }) } },
    errors: [],
    handler: async () => ({ status: 200, body: { status: 'ok' as const } }),
  });

  const readyz = defineRoute({
    operationId: 'getReadiness',
    method: 'get',
    path: '/readyz',
    base: 'root',
    tag: 'Operations',
    summary: 'Can the process take requests: database, migrations, Temporal',
    auth: 'public',
    responses: {
      200: { description: 'It can.', body: readiness },
      503: { description: 'It can not, and says which check failed.', body: readiness },
    },
    errors: [],
    handler: async ({ log }) => {
      if (deps.isShuttingDown()) {
        return { status: 503, body: { status: 'shutting_down' as const, checks: {}, warnings: [] } };
      }
      const [database, migrations, temporal, warnings] = await Promise.all([
        check('database', async () => void (await deps.database.query('select 1'))),
        check('migrations', async () => {
          const pending = await pendingMigrations(deps.database);
          if (pending.length > 0) throw new NotReady(`pending: ${pending.join(', ')}; run npm run migrate`);
        }),
        check('temporal', deps.temporalHealth),
        withinTime(partitionWarnings(), checkWithinMs, () => []).catch(() => []),
      ]);
      const checks = { database, migrations, temporal };
      const isReady = Object.values(checks).every(({ ok }) => ok);
      if (!isReady || warnings.length > 0) log.warn({ checks, warnings }, 'readiness');
      return isReady
        ? { status: 200, body: { status: 'ready' as const, checks, warnings } }
        : { status: 503, body: { status: 'not_ready' as const, checks, warnings } };
    },
  });

  async function partitionWarnings(): Promise<string[]> {
    const tables = await partitionsAhead(deps.database);
    return tables
      .filter(({ ahead }) => ahead < partitionsAheadMin)
      .map(({ table, ahead }) => `${table} has ${ahead} partitions ahead; run npm run migrate or restart`);
  }

  return [healthz, readyz];
}
