import { lowestIdAt } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { dropOldCallbackDays } from '../../../db/stores/callback-retention';
import { createOutboxFixture, type OutboxFixture } from './outbox';

let fixture: OutboxFixture;
let owner: Database;
let endpointId: string;
const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs);
const nameOf = (moment: Date) => moment.toISOString().slice(0, 10).replaceAll('-', '');

/** A past day with one event, as if it had been in use then. */
async function addDay(days: number, status: string): Promise<string> {
  const start = new Date(Math.floor(daysAgo(days).getTime() / dayMs) * dayMs);
  const [from, to] = [lowestIdAt(start), lowestIdAt(new Date(start.getTime() + dayMs))];
  const day = nameOf(start);
  for (const parent of ['outbox', 'callback_tries']) {
    await owner.query(
      `create table ${parent}_${day} partition of ${parent} for values from ('${from}') to ('${to}')`,
    );
  }
  await owner.query(
    `insert into outbox (id, merchant_id, payment_id, endpoint_id, sequence, type, body, status)
     values ($1, $2, $1, $3, 1, 'payment.succeeded', '{}', $4)`,
    [from, fixture.merchantId, endpointId, status],
  );
  await owner.query(`insert into callback_tries (event_id, try_no, duration_ms) values ($1, 1, 5)`, [from]);
  return day;
}

async function exists(table: string): Promise<boolean> {
  const { rows } = await owner.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    table,
  ]);
  return rows[0]?.found ?? false;
}

beforeEach(async () => {
  fixture = await createOutboxFixture();
  owner = createPool({ url: fixture.fresh.ownerUrl, size: 2, statementTimeoutMs: 10_000, name: 'owner' });
  endpointId = await fixture.addEndpoint({ url: 'https://shop.example/' });
});

afterEach(async () => {
  await owner.end();
  await fixture.drop();
});

test('drops settled days past their time with their tries, keeps the others', async () => {
  const delivered = await addDay(12, 'delivered');
  const abandoned = await addDay(10, 'abandoned');
  const young = await addDay(6, 'delivered');
  await expect(dropOldCallbackDays(fixture.database, 7)).resolves.toEqual({
    dropped: [delivered, abandoned],
    unsettled: [],
  });
  for (const day of [delivered, abandoned]) {
    expect([await exists(`outbox_${day}`), await exists(`callback_tries_${day}`)]).toEqual([false, false]);
  }
  expect([await exists(`outbox_${young}`), await exists(`callback_tries_${young}`)]).toEqual([true, true]);
});

test.each(['pending', 'handed_over'])(
  'a day with a callback that is %s stays, and is named',
  async (status) => {
    const stuck = await addDay(12, status);
    const done = await addDay(11, 'delivered');
    await expect(dropOldCallbackDays(fixture.database, 7)).resolves.toMatchObject({ dropped: [done] });
    await expect(dropOldCallbackDays(fixture.database, 7)).resolves.toEqual({
      dropped: [],
      unsettled: [stuck],
    });
    expect(await exists(`outbox_${stuck}`)).toBe(true);
  },
);

test('never keeps less than a week', async () => {
  await expect(dropOldCallbackDays(fixture.database, 6)).rejects.toThrow('7 days at least');
});

test('does not queue behind a reader: it comes again another time', async () => {
  const day = await addDay(12, 'delivered');
  const reader = await owner.connect();
  await reader.query('begin');
  await reader.query(`select * from outbox_${day}`);
  await expect(dropOldCallbackDays(fixture.database, 7)).resolves.toEqual({ dropped: [], unsettled: [] });
  await reader.query('commit');
  reader.release();
  await expect(dropOldCallbackDays(fixture.database, 7)).resolves.toMatchObject({ dropped: [day] });
});
