import { disputesOn, type SandboxDispute } from '../support/disputes';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn } from '../support/refunds';
import { until } from '../support/until';

/** What is captured is disputed while the rest is still reserved. The platform's close holds the books to their promises. */
let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({ settings: { WEBHOOK_SWEEP_AFTER_MS: '300' } });
  disputes = disputesOn(platform);
  refunds = refundsOn(platform);
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

const ask = (id: string, what: string, body: object = {}) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key: platform.merchant.apiKey, body });
const capture = (id: string, amount: string) => ask(id, 'capture', { amount, isFinal: false });
const typesTold = (orderId: string) =>
  platform.callbacks.events
    .filter(({ data, type }) => data.payment.orderId === orderId && type !== 'payment.authorized')
    .map(({ type, data }) => `${type} ${data.payment.status}`);

async function partCaptured(over: Record<string, unknown> = {}): Promise<PaymentBody> {
  const payment = await platform.openPayment(anOrder({ amount: '100', capture: 'manual', ...over }));
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'authorized');
  expect((await capture(payment.id, '30')).status).toBe(200);
  return payment;
}

async function disputed(
  payment: PaymentBody,
  amount?: number,
): Promise<{ id: string; atBank: SandboxDispute }> {
  const atBank = await disputes.open(payment, amount === undefined ? {} : { amount });
  const { id } = await disputes.of(payment);
  return { id, atBank };
}

/** As when the channel tells of a capture's dispute before it has answered the capture. */
const tell = (payment: PaymentBody, disputeId: string, amount: number) =>
  disputes.tell(payment, { dispute_id: disputeId, amount });

async function story(paymentId: string): Promise<{ why: string; next: { what: string }[] }> {
  const path = `/api/v1/payments/${paymentId}/timeline`;
  const { body } = await platform.call('GET', path, { key: platform.merchant.apiKey });
  return body as { why: string; next: { what: string }[] };
}

async function configure(set: string): Promise<void> {
  await platform.database.query(`update payment_configs set ${set}`);
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
}

test('it begins at once, takes evidence, and is won while the payment stays authorised', async () => {
  platform.sandbox.addFault({ kind: 'webhook_duplicated', count: 4, times: 2 });
  const payment = await partCaptured();
  const before = await disputes.balances();
  const { id, atBank } = await disputed(payment);
  const opened = await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  expect(opened.data).toMatchObject({
    payment: { status: 'authorized' },
    dispute: { status: 'needs_response', amount: '30.00', funds: 'withheld' },
  });
  expect(await disputes.balances()).toEqual({
    ...before,
    pending: before.pending - 3_000n,
    held: before.held + 3_000n,
  });
  const { why, next } = await story(payment.id);
  expect(why).toMatch(/not all been captured\. The customer disputes at the bank what was captured/);
  expect(next.map(({ what }) => what).join(' ')).toMatch(/captures it, wholly or in part.*sends evidence/);

  expect(await disputes.send(id, { text: 'It was signed for.' })).toMatchObject({ status: 201 });
  await disputes.waitFor(id, 'under_review');
  await disputes.decide(atBank, 'win');
  const won = await platform.callbacks.waitFor(payment.orderId, 'dispute.won');
  expect(won.data.payment.status).toBe('authorized');
  expect(await disputes.balances()).toEqual(before);
  expect(await disputes.journalsOf(id)).toEqual(['dispute_hold', 'dispute_won']);

  expect((await ask(payment.id, 'capture')).body).toMatchObject({
    status: 'succeeded',
    capturedAmount: '100.00',
  });
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  expect(typesTold(payment.orderId)).toEqual([
    'dispute.opened authorized',
    'dispute.under_review authorized',
    'dispute.won authorized',
    'payment.succeeded succeeded',
  ]);
});

test('the rest is captured while it runs: the payment is disputed at its end, and paid when it is won', async () => {
  const payment = await partCaptured();
  const { id, atBank } = await disputed(payment, 2_000);
  expect((await capture(payment.id, '40')).body).toMatchObject({
    status: 'authorized',
    capturedAmount: '70.00',
  });
  expect((await ask(payment.id, 'capture')).body).toMatchObject({
    status: 'disputed',
    capturedAmount: '100.00',
  });
  const { data } = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  expect(data.payment.status).toBe('disputed');
  const refund = await refunds.ask({ paymentId: payment.id, amount: '1.00' });
  expect([refund.status, refund.body]).toMatchObject([409, { error: { code: 'payment_disputed' } }]);
  await disputes.decide(atBank, 'win');
  await disputes.waitFor(id, 'won');
  await platform.waitForStatus(payment.id, 'succeeded');
});

test('a workflow that was lost meanwhile ends its payment as disputed, too', async () => {
  const payment = await partCaptured();
  await disputed(payment);
  await platform.forget(platform.workflowId(payment.orderId));
  expect((await ask(payment.id, 'capture')).body).toMatchObject({ status: 'disputed' });
});

test('lost, it is gone, and the payment ends as disputed when the rest is let go', async () => {
  const payment = await partCaptured();
  const before = await disputes.balances();
  const { id, atBank } = await disputed(payment);
  await disputes.decide(atBank, 'lose');
  const lost = await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
  expect(lost.data).toMatchObject({ payment: { status: 'authorized' }, dispute: { funds: 'taken' } });
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending - 3_000n });
  expect(await disputes.journalsOf(id)).toEqual(['dispute_hold', 'dispute_lost']);
  expect((await story(payment.id)).why).toMatch(/decided for the customer/);
  const refund = await refunds.ask({ paymentId: payment.id });
  expect([refund.status, refund.body]).toMatchObject([409, { error: { code: 'payment_disputed' } }]);
  expect((await ask(payment.id, 'cancel')).body).toMatchObject({
    status: 'disputed',
    capturedAmount: '30.00',
  });
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ status: 'paid' });
});

test('the rest is let go while it runs, and it is decided afterwards', async () => {
  const payment = await partCaptured();
  const { id, atBank } = await disputed(payment);
  expect((await ask(payment.id, 'cancel')).body).toMatchObject({ status: 'disputed' });
  await disputes.decide(atBank, 'lose');
  await disputes.waitFor(id, 'lost');
  expect((await platform.readPayment(payment.id)).status).toBe('disputed');
});

test('what is not disputed can be given back, and no more', async () => {
  const payment = await partCaptured();
  const { id, atBank } = await disputed(payment, 2_000);
  const more = await refunds.ask({ paymentId: payment.id, amount: '10.01' });
  expect([more.status, more.body]).toMatchObject([409, { error: { code: 'payment_disputed' } }]);
  const beyond = await refunds.ask({ paymentId: payment.id, amount: '30.01' });
  expect([beyond.status, beyond.body]).toMatchObject([422, { error: { code: 'refund_exceeds_captured' } }]);
  const rest = await refunds.ask({ paymentId: payment.id });
  expect([rest.status, rest.body]).toMatchObject([201, { status: 'succeeded', amount: '10.00' }]);
  await disputes.decide(atBank, 'win');
  await disputes.waitFor(id, 'won');
  expect((await refunds.ask({ paymentId: payment.id, amount: '5.00' })).status).toBe(201);
  expect((await ask(payment.id, 'cancel')).body).toMatchObject({
    status: 'partially_refunded',
    refundedAmount: '15.00',
  });
});

test('of a capture that has not been answered yet it waits for that', async () => {
  const payment = await partCaptured();
  const { id } = await disputed(payment);
  await tell(payment, `kd_2_${payment.id}`, 5_000);
  await platform.sweep('webhooks');
  expect((await story(payment.id)).why).toMatch(/dispute opened. That has not been written down yet/);
  const ofPayment = async () => {
    const { rows } = await platform.database.query<{ id: string; amount: string }>(
      `select 'dsp_' || replace(id::text, '-', '') as id, amount::text from disputes where payment_id = $1 order by id`,
      [payment.id.slice(4)],
    );
    return rows;
  };
  expect(await ofPayment()).toEqual([{ id, amount: '3000' }]);

  expect((await capture(payment.id, '50')).status).toBe(200);
  await until('the second has begun', async () => {
    await platform.sweep('webhooks');
    return (await ofPayment()).length === 2;
  });
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'authorized',
    capturedAmount: '80.00',
  });
  expect((await ask(payment.id, 'cancel')).body).toMatchObject({ status: 'disputed' });
});

test('of a payment of which nothing is captured it waits', async () => {
  const payment = await platform.openPayment(anOrder({ amount: '100', capture: 'manual' }));
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'authorized');
  await tell(payment, `kd_1_${payment.id}`, 3_000);
  await platform.sweep('webhooks');
  expect((await platform.readPayment(payment.id)).status).toBe('authorized');
  expect((await ask(payment.id, 'capture', { amount: '30', isFinal: true })).body).toMatchObject({
    status: 'succeeded',
  });
  await until('it has begun', async () => {
    await platform.sweep('webhooks');
    return (await platform.readPayment(payment.id)).status === 'disputed';
  });
});

test('it comes while a capture is under way, and neither is lost', async () => {
  const payment = await partCaptured();
  platform.sandbox.addFault({ kind: 'delay_after', operation: 'capture', count: 1, ms: 1_500 });
  const capturing = ask(payment.id, 'capture');
  await until('the capture is sent', async () => {
    const { rows } = await platform.database.query(
      `select from payment_captures where payment_id = $1 and status = 'sending'`,
      [payment.id.slice(4)],
    );
    return rows.length > 0;
  });
  await tell(payment, `kd_1_${payment.id}`, 3_000);
  await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  expect((await capturing).body).toMatchObject({ status: 'disputed', capturedAmount: '100.00' });
});

test('of a payment that is settled in another currency its exchange is undone, and done again if it is won', async () => {
  const rate = { base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' };
  const path = '/api/v1/admin/exchange/rates';
  expect((await platform.call('POST', path, { key: platform.operatorKey, body: rate })).status).toBe(201);
  const payment = await partCaptured({ settleCurrency: 'TWD' });
  const before = await refunds.balances('TWD');
  const { id, atBank } = await disputed(payment, 1_000);
  // 10.00 USD at 31.185.
  expect((await refunds.balances('TWD')).pending).toBe(before.pending - 311n);
  expect((await capture(payment.id, '20')).status).toBe(200);
  expect((await refunds.ask({ paymentId: payment.id, amount: '40.00' })).status).toBe(201);
  await disputes.decide(atBank, 'win');
  await disputes.waitFor(id, 'won');
  expect((await ask(payment.id, 'capture')).body).toMatchObject({ status: 'partially_refunded' });
  expect((await refunds.ask({ paymentId: payment.id })).status).toBe(201);
  await platform.waitForStatus(payment.id, 'refunded');
});

describe('at the deadline', () => {
  test('the rest is released, and it is disputed', async () => {
    await configure(`capture_within_ms = 4000, capture_at_deadline = 'void'`);
    const payment = await partCaptured();
    const { id, atBank } = await disputed(payment);
    await platform.waitForStatus(payment.id, 'disputed');
    await disputes.decide(atBank, 'win');
    await disputes.waitFor(id, 'won');
    expect(await platform.readPayment(payment.id)).toMatchObject({
      status: 'succeeded',
      capturedAmount: '30.00',
    });
  });

  test('or captured', async () => {
    await configure(`capture_within_ms = 4000, capture_at_deadline = 'capture'`);
    const payment = await partCaptured();
    const { id, atBank } = await disputed(payment);
    await disputes.decide(atBank, 'win');
    await disputes.waitFor(id, 'won');
    expect(await platform.waitForStatus(payment.id, 'succeeded')).toMatchObject({ capturedAmount: '100.00' });
  });
});
