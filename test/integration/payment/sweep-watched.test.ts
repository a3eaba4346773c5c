import { createSweepPayments } from '../../../activities/sweeps/sweep-payments';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { createLog } from '../../../telemetry/log';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPayment } from '../../support/payments';

let fresh: FreshDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.ownerUrl, size: 2, statementTimeoutMs: 10_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

it('the story of an ended payment that is still watched is read once an hour', async () => {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await insertPayment(database, {
    ...{ merchantId: newId(), orderId: newId(), status: 'expired', createdAt: anHourAgo },
  });
  const reads: string[] = [];
  const sweep = createSweepPayments({
    database,
    resumePayment: () => Promise.resolve('running'),
    readHistory: (workflowId) => {
      reads.push(workflowId);
      return Promise.resolve({ workflowId, runId: newId(), lines: [], isOver: false });
    },
    log: createLog({ level: 'silent', process: 'worker' }),
    overdueMs: 0,
    batchMax: 10,
  });
  expect(await sweep()).toEqual({ resumed: 0, running: 1, kept: 0 });
  expect(await sweep()).toEqual({ resumed: 0, running: 0, kept: 0 });
  expect(reads).toHaveLength(1);
});
