import { createPool, type Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { transitions } from '../../../domain/payment/status';
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

test('the database holds the same table of transitions as the code', async () => {
  const { rows } = await database.query<{ from_status: string; to_status: string }>(
    'select * from payment_transitions',
  );
  const stored = rows.map((row) => `${row.from_status} → ${row.to_status}`).sort();
  const known = Object.entries(transitions).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`));
  expect(stored).toEqual(known.sort());
});

const change = (set: string, id: string) => database.query(`update payments set ${set} where id = $1`, [id]);

test('a change that the table does not allow is refused, whoever wrote the code', async () => {
  const id = await insertPayment(database, { merchantId: newId(), orderId: 'tea-1' });
  await change(`status = 'expired', version = version + 1`, id);
  await expect(change(`status = 'succeeded', version = version + 1`, id)).rejects.toMatchObject({
    code: 'PY001',
  });
});

test('a table of the session by the name of the transitions allows nothing', async () => {
  const id = await insertPayment(database, { merchantId: newId(), orderId: 'tea-own' });
  await change(`status = 'expired', version = version + 1`, id);
  const connection = await database.connect();
  try {
    await connection.query(`create temporary table payment_transitions as
      select 'expired' as from_status, 'succeeded' as to_status`);
    await expect(
      connection.query(`update payments set status = 'succeeded', version = version + 1 where id = $1`, [id]),
    ).rejects.toMatchObject({ code: 'PY001' });
  } finally {
    connection.release(true);
  }
});

test('a change without a new version is refused', async () => {
  const id = await insertPayment(database, { merchantId: newId(), orderId: 'tea-2' });
  await expect(change(`status = 'requires_action'`, id)).rejects.toMatchObject({ code: 'PY002' });
  await expect(change(`captured = 1`, id)).rejects.toMatchObject({ code: 'PY002' });
});

test('more can not be captured than was agreed, nor refunded than was captured', async () => {
  const id = await insertPayment(database, { merchantId: newId(), orderId: 'tea-3', amountMinor: '100' });
  const next = 'version = version + 1';
  await expect(change(`captured = 101, ${next}`, id)).rejects.toMatchObject({ code: '23514' });
  await change(`captured = 60, ${next}`, id);
  await expect(change(`refund_reserved = 61, ${next}`, id)).rejects.toMatchObject({ code: '23514' });
  await expect(change(`refunded = 1, ${next}`, id)).rejects.toMatchObject({ code: '23514' });
});
