import { createPool, type Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { loadChannelVolumes, loadMonthVolume } from '../../../db/read-models/month-volume';
import { rollUpDays } from '../../../db/stores/channel-days-store';
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

test("a channel's month is what went through it, for whichever merchant, counted up already or not", async () => {
  const { rows } = await database.query<{ now: Date; started: Date }>(
    `select now(), date_trunc('month', now(), 'UTC') as started`,
  );
  const { now = new Date(), started = now } = rows[0] ?? {};
  const [one, other] = [newId(), newId()];
  const add = (
    channelConfigId: string,
    at: Date,
    amount: number,
    disposition = 'payment',
    currency = 'USD',
  ) =>
    database.query(
      `insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, amount, currency,
         disposition, created_at) values ($1, $2, $3, 1, $4, $5, $6, $7)`,
      [channelConfigId, newId(), newId(), amount, currency, disposition, at],
    );
  await add(one, new Date(started.getTime() - 1), 1_000_000);
  await add(one, started, 100);
  await add(one, now, 20);
  await add(one, now, 3, 'payment', 'EUR');
  await add(one, now, 7_000, 'suspense');
  await add(other, now, 5);
  const expected = [
    [one, { USD: 120n, EUR: 3n }],
    [other, { USD: 5n }],
  ];
  const volumes = async () =>
    [...(await loadChannelVolumes(database, now))].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(await volumes()).toEqual(expected);
  await rollUpDays(database);
  expect(await volumes()).toEqual(expected);
  await rollUpDays(database);
  expect(await volumes()).toEqual(expected);
});
