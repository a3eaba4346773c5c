import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { partitionsAhead, pendingMigrations } from '../../../db/migration-state';
import { defineRoute, type Route } from '../../route';

export interface HealthDeps {
  database: Database;
  /** Rejects while the workflow service can't be reached. */
  temporalHealth: () => Promise<void>;
  /** From the first sign of stopping, so that balancers look elsewhere while requests drain. */
  isShuttingDown: () => boolean;
}

/** A check that hangs is a check that fails; balancers ask every few seconds. */
const checkWithinMs = 2_000;
const partitionsAheadMin = 2;

const checkOutput = z.object({ ok: z.boolean(), message: z.string().optional() });
type Check = z.infer<typeof checkOutput>;

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
        within(partitionWarnings()).catch(() => []),
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

/** Said as it is; what other errors say may hold addresses or users. */
class NotReady extends Error {}

async function check(name: string, work: () => Promise<void>): Promise<Check> {
  try {
    await within(work());
    return { ok: true };
  } catch (error) {
    return { ok: false, message: error instanceof NotReady ? error.message : `${name} can not be reached` };
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NotReady(`no answer within ${checkWithinMs} ms`)), checkWithinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
