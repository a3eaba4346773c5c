import {
  claimOutbox,
  settleOutbox,
  type ClaimedEvent,
  type Settlement,
} from '../../../db/stores/outbox-store';
import { abandonCallback, loadCallback, recordCallbackTry } from '../../../db/stores/callback-store';
import { createOutboxFixture, type OutboxFixture } from './outbox';

let fixture: OutboxFixture;
let endpointId: string;

beforeAll(async () => (fixture = await createOutboxFixture()));
afterAll(() => fixture.drop());
beforeEach(async () => {
  await fixture.database.query('update outbox set status = $1', ['abandoned']);
  endpointId = await fixture.addEndpoint({ url: `https://shop.example/${Math.random()}` });
});

const claim = (options: Partial<Parameters<typeof claimOutbox>[1]> = {}) =>
  claimOutbox(fixture.database, { limit: 100, leaseMs: 60_000, exceptEndpoints: [], ...options });
const tried = (answer = 'ok') => ({ at: new Date(), durationMs: 5, statusCode: 200, answer });
const settlement = (event: ClaimedEvent, status: Settlement['status'] = 'delivered'): Settlement => ({
  eventId: event.id,
  fence: event.fence,
  status,
  tried: tried(),
});

test('claims the oldest first, each once while the lease lasts', async () => {
  const ids = await fixture.addEvents(endpointId, 5);
  const first = await claim({ limit: 3 });
  expect(first.map(({ id }) => id).sort()).toEqual(ids.slice(0, 3));
  expect((await claim()).map(({ id }) => id).sort()).toEqual(ids.slice(3));
  expect(await claim()).toEqual([]);
});

test('many claims at once share the rows without a double', async () => {
  const ids = await fixture.addEvents(endpointId, 200);
  const shares = await Promise.all(Array.from({ length: 20 }, () => claim({ limit: 17 })));
  const claimed = shares.flat().map(({ id }) => id);
  expect(new Set(claimed).size).toBe(claimed.length);
  const rest = (await claim({ limit: 1_000 })).map(({ id }) => id);
  expect([...claimed, ...rest].sort()).toEqual(ids);
});

test('leaves out endpoints that are full, and what a nudge is not about', async () => {
  const other = await fixture.addEndpoint({ url: 'https://other.example/' });
  const [mine] = await fixture.addEvents(endpointId);
  const [others] = await fixture.addEvents(other);
  expect(await claim({ since: new Date(Date.now() + 60_000) })).toEqual([]);
  expect((await claim({ exceptEndpoints: [other] })).map(({ id }) => id)).toEqual([mine]);
  expect((await claim({ since: new Date(Date.now() - 1_000) })).map(({ id }) => id)).toEqual([others]);
});

test('settles a batch in one go and writes each try', async () => {
  const ids = await fixture.addEvents(endpointId, 3);
  const claimed = await claim();
  const batch = claimed.map((event, i) =>
    settlement(event, i === 0 ? 'delivered' : i === 1 ? 'handed_over' : 'abandoned'),
  );
  expect(await settleOutbox(fixture.database, batch)).toEqual(new Set(ids));
  for (const one of batch) {
    expect(await fixture.statusOf(one.eventId)).toBe(one.status);
    expect(await fixture.triesOf(one.eventId)).toEqual([{ no: 1, code: 200, answer: 'ok' }]);
  }
  const { rows } = await fixture.database.query<{ status: string; settled: boolean }>(
    'select status, settled_at is not null as settled from outbox where id = any($1) order by status',
    [ids],
  );
  expect(rows).toEqual([
    { status: 'abandoned', settled: true },
    { status: 'delivered', settled: true },
    { status: 'handed_over', settled: false },
  ]);
});

test('whoever lost the lease writes nothing; the new holder does', async () => {
  const [id = ''] = await fixture.addEvents(endpointId);
  const [stale] = await claim({ leaseMs: 0 });
  const [current] = await claim();
  if (stale === undefined || current === undefined) throw new Error('nothing claimed');
  expect(current.fence).toBe(stale.fence + 1);
  expect(await settleOutbox(fixture.database, [settlement(stale)])).toEqual(new Set());
  expect(await fixture.statusOf(id)).toBe('pending');
  expect(await fixture.triesOf(id)).toEqual([]);
  expect(await settleOutbox(fixture.database, [settlement(current)])).toEqual(new Set([id]));
  expect(await fixture.triesOf(id)).toHaveLength(1);
});

test('a settled row is not settled again', async () => {
  const [id = ''] = await fixture.addEvents(endpointId);
  const [event] = await claim();
  if (event === undefined) throw new Error('nothing claimed');
  await settleOutbox(fixture.database, [settlement(event)]);
  expect(await settleOutbox(fixture.database, [settlement(event, 'abandoned')])).toEqual(new Set());
  expect(await fixture.statusOf(id)).toBe('delivered');
});

test('kept rows come again when their time has come', async () => {
  const [later = '', now = ''] = await fixture.addEvents(endpointId, 2);
  const claimed = await claim();
  await settleOutbox(
    fixture.database,
    claimed.map((event) => ({
      ...settlement(event, 'pending'),
      leaseForMs: event.id === later ? 60_000 : 0,
    })),
  );
  expect((await claim()).map(({ id }) => id)).toEqual([now]);
});

test('tries are numbered without a gap however many write at once', async () => {
  const [id = ''] = await fixture.addEvents(endpointId);
  const numbers = await Promise.all(
    Array.from({ length: 5 }, (_, i) => recordCallbackTry(fixture.database, id, tried(`try ${i}`), false)),
  );
  expect(numbers.sort()).toEqual([1, 2, 3, 4, 5]);
  expect((await fixture.triesOf(id)).map(({ no }) => no)).toEqual([1, 2, 3, 4, 5]);
  expect(await fixture.statusOf(id)).toBe('pending');
});

test('delivered stays delivered; abandoned can still be delivered by hand', async () => {
  const [id = ''] = await fixture.addEvents(endpointId, 1, 'handed_over');
  await abandonCallback(fixture.database, id);
  expect(await fixture.statusOf(id)).toBe('abandoned');
  await recordCallbackTry(fixture.database, id, tried(), true);
  expect(await loadCallback(fixture.database, id)).toMatchObject({ id, endpointId, status: 'delivered' });
  await abandonCallback(fixture.database, id);
  expect(await fixture.statusOf(id)).toBe('delivered');
});

test('an answer of a kilobyte in any script fits', async () => {
  const [id = ''] = await fixture.addEvents(endpointId);
  await recordCallbackTry(fixture.database, id, tried('客'.repeat(341) + '\u{FFFD}'), false);
  expect((await fixture.triesOf(id))[0]?.answer).toHaveLength(342);
});
