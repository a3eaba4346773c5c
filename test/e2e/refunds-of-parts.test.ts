import { auditInvariants } from '../../db/read-models/invariants';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';
import { until } from '../support/until';

let platform: Platform;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({ settings: { PAYMENT_ANSWER_WITHIN_MS: '8000' } });
  refunds = refundsOn(platform);
});
afterAll(async () => {
  try {
    const checks = await auditInvariants(platform.database, { msMaxEach: 10_000 });
    expect(checks.filter(({ broken }) => broken > 0)).toEqual([]);
  } finally {
    await platform?.close();
  }
});
afterEach(() => platform.sandbox.clearFaults());

const bookOf = (paymentId: string) => platform.sandbox.find(`${paymentId}-1`);
const capture = (id: string, body: object) =>
  platform.call('POST', `/api/v1/payments/${id}/capture`, { key: platform.merchant.apiKey, body });

async function partCaptured(): Promise<PaymentBody> {
  const order = anOrder({ amount: '100', capture: 'manual' });
  const payment = (await platform.startPayment(order)).body as PaymentBody;
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'authorized');
  expect((await capture(payment.id, { amount: '50.50', isFinal: false })).status).toBe(200);
  return payment;
}

const refundedOf = (payment: PaymentBody) =>
  (payment as unknown as { refundedAmount: string }).refundedAmount;

test('what is captured is given back at once, and no more than that', async () => {
  const payment = await partCaptured();
  const part = await refunds.ask({ paymentId: payment.id, amount: '20.00' });
  expect([part.status, part.body]).toMatchObject([201, { status: 'succeeded', amount: '20.00' }]);
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'authorized',
    capturedAmount: '50.50',
    refundedAmount: '20.00',
  });
  const more = await refunds.ask({ paymentId: payment.id, amount: '30.51' });
  expect([more.status, more.body]).toMatchObject([422, { error: { code: 'refund_exceeds_captured' } }]);
  const rest = await refunds.ask({ paymentId: payment.id });
  expect([rest.status, rest.body]).toMatchObject([201, { status: 'succeeded', amount: '30.50' }]);
  const none = await refunds.ask({ paymentId: payment.id });
  expect([none.status, none.body]).toMatchObject([422, { error: { code: 'refund_exceeds_captured' } }]);
  expect(bookOf(payment.id)).toMatchObject({ status: 'authorized', refunded_amount: 5_050 });
});

test('captures go on after it, and the payment ends as what its refunds make it', async () => {
  const payment = await partCaptured();
  await refunds.ask({ paymentId: payment.id, amount: '50.50' });
  expect((await capture(payment.id, { amount: '10.00', isFinal: false })).body).toMatchObject({
    status: 'authorized',
    capturedAmount: '60.50',
    refundedAmount: '50.50',
  });
  expect((await capture(payment.id, { amount: '5.00', isFinal: true })).body).toMatchObject({
    status: 'partially_refunded',
    capturedAmount: '65.50',
    refundedAmount: '50.50',
  });
  const { data } = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  expect(data.payment).toMatchObject({ status: 'partially_refunded', refundedAmount: '50.50' });
  const rest = await refunds.ask({ paymentId: payment.id });
  expect(rest.body).toMatchObject({ status: 'succeeded', amount: '15.00' });
  await platform.waitForStatus(payment.id, 'refunded');
});

test('given back wholly, it is refunded when the channel lets the rest go', async () => {
  const payment = await partCaptured();
  await refunds.ask({ paymentId: payment.id });
  const raw = JSON.stringify(
    kpayEvent(
      `${payment.id}-1`,
      {
        order_id: bookOf(payment.id)?.order_id,
        ...{ amount: 10_000, currency: 'USD', capture: 'manual', captured_amount: 5_050 },
      },
      { id: `evt_${payment.id}` },
    ),
  );
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
  await platform.waitForStatus(payment.id, 'refunded');
});

test('refunds and captures at once never meet', async () => {
  const payment = await partCaptured();
  const replies = await Promise.all([
    ...[1, 2, 3].map(() => capture(payment.id, { amount: '5.00', isFinal: false })),
    ...[1, 2, 3].map(() => refunds.ask({ paymentId: payment.id, amount: '10.00' })),
  ]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 201, 201, 201]);
  await until(
    'all are given back',
    async () => refundedOf(await platform.readPayment(payment.id)) === '30.00',
  );
  expect((await capture(payment.id, {})).body).toMatchObject({
    status: 'partially_refunded',
    capturedAmount: '100.00',
    refundedAmount: '30.00',
  });
});

test('more than is captured waits for a capture that runs', async () => {
  const payment = await partCaptured();
  platform.sandbox.addFault({ kind: 'delay_after', operation: 'capture', count: 1, ms: 800 });
  const capturing = capture(payment.id, {});
  await until('the capture is sent', async () => {
    const { rows } = await platform.database.query(
      `select from payment_captures where payment_id = $1 and status = 'sending'`,
      [payment.id.slice(4)],
    );
    return rows.length > 0;
  });
  const refund = (await refunds.ask({ paymentId: payment.id, amount: '70.00' })).body as RefundBody;
  expect((await capturing).status).toBe(200);
  await refunds.waitFor(refund.id, 'succeeded');
});
