import { createPool, type Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { loadMonthVolume } from '../../../db/read-models/month-volume';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPayment } from '../../support/payments';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 5_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

test("a merchant's month is what was captured, not what was reserved, and refunds don't lower it", async () => {
  const merchantId = newId();
  const now = new Date();
  const add = async (orderId: string, change?: string) => {
    const id = await insertPayment(database, { merchantId, orderId, amountMinor: '10000', createdAt: now });
    if (change === undefined) return;
    await database.query(`update payments set ${change}, version = version + 1 where id = $1`, [id]);
  };
  await add('open');
  await add('reserved', `status = 'authorized'`);
  await add('going-on', `status = 'authorized', captured = 500`);
  await add('in-part', `status = 'succeeded', captured = 3000`);
  await add('refunded', `status = 'succeeded', captured = 10000, refund_reserved = 10000, refunded = 10000`);
  const volumes = await loadMonthVolume(database, { merchantId, mode: 'test' }, now);
  expect([...volumes]).toEqual([['USD', 13_500n]]);
});
