import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { bornAt, parsePublicId } from '../../domain/ids';
import { kpayEvent, signedBy, type KpayEvent } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { lateMoneyOn } from '../support/late-money';
import { refundsOn } from '../support/refunds';
import { until } from '../support/until';

/** When money moved is what the provider says, and not when we heard of it. */

let platform: Platform;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({ settings: { PAYMENT_FIRST_POLL_MS: '1500' } });
  refunds = refundsOn(platform);
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

interface Booked {
  reference: string;
  kind: string;
  effectiveAt: Date;
  recordedAt: Date;
}

async function booked(payment: PaymentBody, kind: string): Promise<Booked> {
  const { rows } = await platform.database.query<Booked>(
    `select reference, kind, effective_at as "effectiveAt", recorded_at as "recordedAt"
     from ledger_journals where payment_id = $1 and kind = $2`,
    [payment.id.slice(4), kind],
  );
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

const lateness = ({ effectiveAt, recordedAt }: Booked) => recordedAt.getTime() - effectiveAt.getTime();
const begunAt = ({ id }: PaymentBody) => bornAt(parsePublicId('payment', id)!)!.getTime();
const paidAt = ({ id }: PaymentBody) => new Date(platform.sandbox.find(`${id}-1`)?.paid_at ?? NaN);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(event: KpayEvent): Promise<void> {
  const raw = JSON.stringify(event);
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
}

/** Told 1.2 s after the payment was made, as paid so long after that. */
async function toldPaid(afterMs: number): Promise<PaymentBody> {
  const payment = await platform.openPayment();
  await pause(Math.max(begunAt(payment) + 1_200 - Date.now(), 0));
  const paid = new Date(begunAt(payment) + afterMs).toISOString();
  await send(kpayEvent(`${payment.id}-1`, { paid_at: paid }));
  return platform.waitForStatus(payment.id, 'succeeded');
}

it('a webhook that comes late books the charge when it was paid', async () => {
  platform.sandbox.addFault({ kind: 'webhook_delayed', count: 1, ms: 1_000 });
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const success = await booked(payment, 'success');
  expect(success.effectiveAt).toEqual(paidAt(payment));
  expect(lateness(success)).toBeGreaterThanOrEqual(900);
});

it('so does a look at the channel, where the webhook was lost', async () => {
  platform.sandbox.addFault({ kind: 'webhook_lost', count: 1 });
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const success = await booked(payment, 'success');
  expect(success.effectiveAt).toEqual(paidAt(payment));
  expect(lateness(success)).toBeGreaterThan(0);
});

it('a time before the payment was made is when it was made', async () => {
  const payment = await toldPaid(-3_600_000);
  expect((await booked(payment, 'success')).effectiveAt).toEqual(new Date(begunAt(payment)));
});

it('a time to come is now', async () => {
  const payment = await toldPaid(3_600_000);
  const success = await booked(payment, 'success');
  expect(success.effectiveAt.getTime()).toBeGreaterThanOrEqual(begunAt(payment) + 1_200);
  // Not less than nothing: the database's time is that of the transaction's beginning.
  expect(Math.abs(lateness(success))).toBeLessThan(1_000);
});

it('money for suspense has its time too', async () => {
  const payment = await toldPaid(5);
  const paid_at = new Date(begunAt(payment) + 7).toISOString();
  await send(
    kpayEvent(`${payment.id}-1`, { order_id: 'ko_another', paid_at }, { id: `${payment.id}-again` }),
  );
  await until('it is held', async () => {
    const { rows } = await platform.database.query(
      `select from ledger_journals where payment_id = $1 and kind = 'suspense_in'`,
      [payment.id.slice(4)],
    );
    return rows.length === 1;
  });
  expect((await booked(payment, 'success')).effectiveAt).toEqual(new Date(begunAt(payment) + 5));
  expect((await booked(payment, 'suspense_in')).effectiveAt).toEqual(new Date(begunAt(payment) + 7));
  expect(await lateMoneyOn(platform).inSuspense(payment, 'open')).toMatchObject({ movedAt: paid_at });
});

it('a capture and a refund happened when the channel made them, not when its answer came', async () => {
  const order = anOrder({ amount: '100', currency: 'USD', capture: 'manual' });
  const payment = (await platform.startPayment(order)).body as PaymentBody;
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'authorized');
  platform.sandbox.addFault({ kind: 'delay_after', operation: 'capture', count: 1, ms: 700 });
  const captured = await platform.call('POST', `/api/v1/payments/${payment.id}/capture`, {
    key: platform.merchant.apiKey,
    body: {},
  });
  expect(captured.status).toBe(200);
  const capture = await booked(payment, 'capture');
  expect(capture.effectiveAt).toEqual(paidAt(payment));
  expect(lateness(capture)).toBeGreaterThanOrEqual(600);

  platform.sandbox.addFault({ kind: 'delay_after', operation: 'refund', count: 1, ms: 700 });
  const reply = await refunds.ask({ paymentId: payment.id });
  await refunds.waitFor((reply.body as { id: string }).id, 'succeeded');
  const refund = await booked(payment, 'refund');
  expect(lateness(refund)).toBeGreaterThanOrEqual(600);
  const hold = await booked(payment, 'refund_hold');
  expect(refund.effectiveAt.getTime()).toBeGreaterThanOrEqual(hold.effectiveAt.getTime());
});

it('a dispute that tells of another century is booked all the same', async () => {
  const payment = await toldPaid(5);
  const event = kpayEvent(`${payment.id}-1`);
  const dispute = {
    ...{ dispute_id: 'kd_1990', merchant_order_no: `${payment.id}-1`, status: 'open' },
    ...{ amount: 10_050, currency: 'USD', reason_code: 'fraudulent', evidence_due_at: null },
  };
  const told = {
    id: `${payment.id}-disputed`,
    type: 'dispute.opened',
    created_at: '1990-01-01T00:00:00.000Z',
  };
  await send({ ...event, ...told, data: { ...event.data, dispute } } as KpayEvent);
  await platform.waitForStatus(payment.id, 'disputed');
  expect((await booked(payment, 'dispute_hold')).effectiveAt).toEqual(new Date(begunAt(payment)));
});
