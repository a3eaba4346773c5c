import { newId } from '../../../db/ids';
import { listCallbacks } from '../../../db/read-models/callback-list';
import { recordCallbackTry } from '../../../db/stores/callback-store';
import { createOutboxFixture, type OutboxFixture } from './outbox';

let fixture: OutboxFixture;
let ids: string[];

beforeAll(async () => {
  fixture = await createOutboxFixture();
  const endpointId = await fixture.addEndpoint({ url: 'https://shop.example/' });
  ids = await fixture.addEvents(endpointId, 3);
  const [first = ''] = ids;
  const at = new Date('2026-01-02T03:04:05.678Z');
  await recordCallbackTry(
    fixture.database,
    first,
    { at, durationMs: 9, statusCode: 500, answer: 'no' },
    false,
  );
  await recordCallbackTry(
    fixture.database,
    first,
    { at, durationMs: 8, statusCode: 200, answer: 'ok' },
    true,
  );
});
afterAll(() => fixture.drop());

const mine = () => ({ role: 'merchant', merchantId: fixture.merchantId, mode: 'test' }) as const;

test('lists the newest first, page by page, with each try', async () => {
  const page = await listCallbacks(fixture.database, mine(), { limit: 2 });
  expect(page.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  const rest = await listCallbacks(fixture.database, mine(), { limit: 2, before: page.at(-1)?.id });
  expect(rest).toMatchObject([
    {
      id: ids[0],
      status: 'delivered',
      tries: [
        { no: 1, durationMs: 9, statusCode: 500, answer: 'no', at: new Date('2026-01-02T03:04:05.678Z') },
        { no: 2, durationMs: 8, statusCode: 200, answer: 'ok' },
      ],
    },
  ]);
});

test('finds those of one payment, and one alone', async () => {
  // In this fixture an event and its payment share an id.
  for (const filter of [{ paymentId: ids[1] }, { eventId: ids[1] }]) {
    const found = await listCallbacks(fixture.database, mine(), { limit: 10, ...filter });
    expect(found.map(({ id }) => id)).toEqual([ids[1]]);
  }
});

test("another tenant's, and the other mode's, are not there; an admin sees all", async () => {
  const others = [
    { ...mine(), merchantId: newId() },
    { ...mine(), mode: 'live' as const },
  ];
  for (const scope of others) {
    expect(await listCallbacks(fixture.database, scope, { limit: 10 })).toEqual([]);
    expect(await listCallbacks(fixture.database, scope, { limit: 10, eventId: ids[0] })).toEqual([]);
  }
  expect(await listCallbacks(fixture.database, { role: 'admin' }, { limit: 10 })).toHaveLength(3);
});
