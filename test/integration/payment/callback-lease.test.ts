import { toOpened } from '../../../activities/payment/to-opened';
import type { PaymentDeps } from '../../../activities/payment/deps';
import { createRecord } from '../../../activities/payment/record';
import type { OpenedPayment } from '../../../activities/payment/contracts';
import { createPool, type Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { loadPaymentById } from '../../../db/stores/payments-store';
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

const endpointId = newId();
const leaseMs = 25_000;

interface InOutbox {
  body: string;
  fence: number;
  is_leased: boolean;
}

async function inOutbox(eventId: string): Promise<InOutbox | undefined> {
  const { rows } = await database.query<InOutbox>(
    'select body, fence, coalesce(lease_until > now(), false) as is_leased from outbox where id = $1',
    [eventId],
  );
  return rows[0];
}

/** Records a decline, of which the merchant is told; returns what the relay of this process was given. */
async function recordDecline(payment: OpenedPayment, hasRoom: boolean) {
  const handedOver: { id: string; body: string; standing: Promise<InOutbox | undefined> }[] = [];
  const eventIds: string[] = [];
  let nudges = 0;
  const deps: Partial<PaymentDeps> = {
    database,
    channelOf: () => Promise.resolve(undefined),
    newId: () => (eventIds.push(newId()), eventIds.at(-1) ?? ''),
    seen: { observeCall: () => undefined, observeVerdict: () => undefined },
    timings: {
      channelFastTimeoutMs: 1,
      channelTimeoutMs: 1,
      answerWithinMs: 1,
      firstNewsWithinMs: 100,
      refundDoubtMs: 1,
      keepHistoryAfterMs: 1,
    },
    callbackCommitted: () => void (nudges += 1),
    leaseCallback: () =>
      hasRoom
        ? {
            ms: leaseMs,
            deliver: ({ id, body }) => void handedOver.push({ id, body, standing: inOutbox(id) }),
          }
        : undefined,
  };
  const error = { code: 'card_declined', message: 'The card was declined.' };
  const recorded = await createRecord(deps as PaymentDeps).news({
    payment,
    attemptNo: 1,
    channelConfigId: payment.attempt.channelConfigId,
    news: { kind: 'declined', error },
    cause: { by: 'poll', key: 'poll:1' },
    inboxIds: [],
  });
  return { handedOver, nudges, eventId: eventIds[0] ?? '', recorded };
}

async function aPayment(): Promise<OpenedPayment> {
  const id = await insertPayment(database, {
    merchantId: newId(),
    orderId: newId(),
    status: 'requires_action',
  });
  const stored = await loadPaymentById(database, id);
  if (stored === undefined) throw new Error('the payment was not inserted');
  return { ...toOpened(stored, new Date().toISOString()), callbackEndpointId: endpointId };
}

test('where the relay has room, a callback is born under its lease and handed over when it is committed', async () => {
  const payment = await aPayment();
  const { handedOver, nudges, eventId } = await recordDecline(payment, true);
  expect(handedOver.map(({ id }) => id)).toEqual([eventId]);
  expect(await handedOver[0]?.standing).toEqual({ body: handedOver[0]?.body, fence: 1, is_leased: true });
  expect(nudges).toBe(0);
});

test('where it has none, the callback waits in the outbox for whoever claims it', async () => {
  const payment = await aPayment();
  const { handedOver, nudges, eventId } = await recordDecline(payment, false);
  expect(handedOver).toEqual([]);
  expect(nudges).toBe(1);
  expect(await inOutbox(eventId)).toMatchObject({ fence: 0, is_leased: false });
});

test('a change that was made already hands nothing over', async () => {
  const payment = await aPayment();
  await recordDecline(payment, false);
  const { handedOver, nudges, recorded } = await recordDecline(payment, true);
  expect(recorded.isRepeated).toBe(true);
  expect(handedOver).toEqual([]);
  expect(nudges).toBe(0);
});
