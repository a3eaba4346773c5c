import { randomUUID } from 'node:crypto';
import { createPool, type Database } from '../../../db/pool';
import { leaseCalls } from '../../../db/stores/call-limits-store';
import { listAlerts } from '../../../db/stores/integration-alerts-store';
import type { CallLimits } from '../../../domain/config/service';
import { createDeadline } from '../../../integrations/deadline';
import { createLog } from '../../../telemetry/log';
import { createMetrics } from '../../../telemetry/metrics';
import { createCallLimits } from '../../../workers/call-limits';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { until } from '../../support/until';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 8, statementTimeoutMs: 5_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

const lease = (serviceId: string, wanted: number, limits: CallLimits, givenBack = 0) =>
  leaseCalls(database, { serviceId, wanted, givenBack, limits });

test('a burst is granted once, then the rate; what is too much is told when to come back', async () => {
  const service = randomUUID();
  const limits = { perSecond: 0.5, burst: 4 };
  expect(await lease(service, 3, limits)).toMatchObject({ granted: 3, heldBy: null });
  expect(await lease(service, 3, limits)).toMatchObject({ granted: 1, heldBy: 'second' });
  const held = await lease(service, 1, limits);
  expect(held).toMatchObject({ granted: 0, heldBy: 'second' });
  expect(held.retryMs).toBeGreaterThan(0);
  expect(held.retryMs).toBeLessThanOrEqual(2_000);
  await new Promise((resolve) => setTimeout(resolve, held.retryMs));
  expect(await lease(service, 1, limits)).toMatchObject({ granted: 1 });
});

test('many at once get together what there is, and no more', async () => {
  const service = randomUUID();
  const leases = await Promise.all(
    Array.from({ length: 40 }, () => lease(service, 3, { perSecond: 0.001, burst: 50, perDay: 1_000 })),
  );
  expect(leases.reduce((sum, { granted }) => sum + granted, 0)).toBe(50);
  const { rows } = await database.query<{ used: bigint }>(
    "select used from call_quotas where service_id = $1 and period = 'day'",
    [service],
  );
  expect(rows).toEqual([{ used: 50n }]);
});

test('a quota ends, warns once at 80 %, takes back what was not used, and begins anew', async () => {
  const service = randomUUID();
  const limits = { perHour: 10, perDay: 100 };
  expect(await lease(service, 7, limits)).toMatchObject({ granted: 7, warnings: [] });
  expect(await lease(service, 1, limits)).toMatchObject({ granted: 1, warnings: ['hour'] });
  expect(await lease(service, 5, limits)).toMatchObject({ granted: 2, heldBy: 'hour', warnings: [] });
  const over = await lease(service, 1, limits);
  expect(over).toMatchObject({ granted: 0, heldBy: 'hour' });
  expect(over.retryMs).toBeLessThanOrEqual(3_600_000);
  expect(await lease(service, 2, limits, 2)).toMatchObject({ granted: 2 });
  await database.query(
    `update call_quotas set starts_at = starts_at - interval '1 hour' where service_id = $1 and period = 'hour'`,
    [service],
  );
  expect(await lease(service, 8, limits)).toMatchObject({ granted: 8, warnings: ['hour'] });
});

test('two processes share a rate; that it is nearly used up is counted and kept as an alert', async () => {
  const service = randomUUID();
  const log = createLog({ level: 'silent', process: 'test' });
  const metrics = createMetrics();
  const processes = [
    createCallLimits({ database, log, metrics }),
    createCallLimits({ database, log, metrics: createMetrics() }),
  ];
  const limits = { perSecond: 50, burst: 20 };
  const begun = performance.now();
  let passed = 0;
  await Promise.all(
    processes.map(async (own) => {
      // Long enough for one whole second of the clock, by which the warning counts.
      while (performance.now() - begun < 2_000) {
        if (await own.pass(service, limits, createDeadline(300))) passed += 1;
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  expect(passed).toBeGreaterThan(100);
  expect(passed).toBeLessThanOrEqual(20 + 50 * seconds + 1);
  await until('an alert stands there', async () => (await listAlerts(database, { limit: 5 })).length > 0);
  expect(await listAlerts(database, { limit: 5, serviceId: service })).toMatchObject([
    { kind: 'limit_near', isChannel: false, details: { period: 'second', limit: 50 } },
  ]);
});
