import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { publicId } from '../../domain/ids';
import { merchantAccount } from '../../domain/ledger/account';
import { refundWorkflowId } from '../../workflows/contracts';
import { correct } from '../support/correction';
import { brokenInvariants } from '../support/invariants';
import { kpayRefundEvent, signedBy } from '../support/kpay-event';
import { addKpay } from '../support/platform-merchant';
import { refundsOn, type RefundBody } from '../support/refunds';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      CHANNEL_FAST_TIMEOUT_MS: '400',
      CHANNEL_TIMEOUT_MS: '900',
      REFUND_FIRST_POLL_MS: '300',
      REFUND_POLL_MS_MAX: '1000',
      // Longer than a request waits for its answer: it is told that the refund is pending.
      REFUND_WAIT_FOR_CAPTURE_MS: '9000',
      PAYMENT_ANSWER_WITHIN_MS: '8000',
      OPEN_PAYMENT_OVERDUE_MS: '1',
      SWEEP_INTERVAL_MS: '3600000',
    },
  });
  refunds = refundsOn(platform);
});
afterAll(async () => {
  try {
    // Books of captures are another test's: what counts here is what refunds did.
    const broken = await brokenInvariants(platform.database, platform.sandbox.book());
    expect(broken.filter((rule) => /refund|journal|event/.test(rule))).toEqual([]);
  } finally {
    await platform?.close();
  }
});
afterEach(() => platform.sandbox.clearFaults());

const bookOf = (paymentId: string) => platform.sandbox.find(`${paymentId}-1`);
async function storyOf(paymentId: string): Promise<string[]> {
  const { merchant } = platform;
  const { body } = await platform.call('GET', `/api/v1/payments/${paymentId}/timeline`, {
    key: merchant.apiKey,
  });
  return (body as { lines: { what: string }[] }).lines.map(({ what }) => what);
}
const sum = (list: { amount: string }[]) =>
  list.reduce((total, { amount }) => total + BigInt(amount.replace('.', '')), 0n);

it('gives a whole payment back: at the provider, in the books, to the merchant', async () => {
  const before = await refunds.balances();
  const payment = await refunds.paidPayment();
  const reply = await refunds.ask({ paymentId: payment.id, reason: 'one tin was missing' });
  expect([reply.status, reply.body]).toMatchObject([
    201,
    { object: 'refund', status: 'succeeded', amount: '100.50', currency: 'USD', paymentId: payment.id },
  ]);
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'refunded',
    refundedAmount: '100.50',
  });
  expect(await refunds.journalsOf((reply.body as RefundBody).id)).toEqual(['refund_hold', 'refund']);
  expect(await refunds.balances()).toEqual(before);
  const told = await platform.callbacks.waitFor(payment.orderId, 'refund.succeeded');
  expect(told.data).toMatchObject({
    payment: { status: 'refunded', refundedAmount: '100.50' },
    refund: { status: 'succeeded', amount: '100.50' },
  });
  const further = await refunds.ask({ paymentId: payment.id });
  expect([further.status, further.body]).toMatchObject([422, { error: { code: 'refund_exceeds_captured' } }]);
});

it('gives parts back until nothing is left, and not more', async () => {
  const payment = await refunds.paidPayment();
  const first = await refunds.ask({ orderId: payment.orderId, amount: '40.00' });
  expect(first.status).toBe(201);
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'partially_refunded',
    refundedAmount: '40.00',
  });
  const second = await platform.call('POST', `/api/v1/payments/refund/${payment.orderId}`, {
    key: platform.merchant.apiKey,
    body: { amount: '0.50' },
  });
  expect(second.status).toBe(201);
  expect((await refunds.ask({ paymentId: payment.id, amount: '60.01' })).status).toBe(422);
  const rest = await refunds.ask({ paymentId: payment.id });
  expect(rest.body).toMatchObject({ amount: '60.00', status: 'succeeded' });
  expect((await platform.readPayment(payment.id)).status).toBe('refunded');
  const list = await platform.call('GET', `/api/v1/refunds?paymentId=${payment.id}&status=succeeded`, {
    key: platform.merchant.apiKey,
  });
  expect((list.body as { data: RefundBody[] }).data.map(({ amount }) => amount)).toEqual([
    '60.00',
    '0.50',
    '40.00',
  ]);
});

it('of fifty at once just as many succeed as were captured', async () => {
  const before = await refunds.balances();
  const payment = await refunds.paidPayment();
  // Whoever is not answered in time asks the same again, as the 503 says.
  const askUntilAnswered = (refundNo: string) =>
    until('an answer', async () => {
      const reply = await refunds.ask({ paymentId: payment.id, amount: '10.05', refundNo });
      return reply.status !== 503 && reply;
    });
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_none, at) => askUntilAnswered(`${payment.orderId}-${at}`)),
  );
  const begun = replies
    .filter(({ status }) => [200, 201].includes(status))
    .map(({ body }) => body as RefundBody);
  expect(begun).toHaveLength(10);
  expect(replies.filter(({ status }) => status === 422)).toHaveLength(40);
  for (const { id } of begun) await refunds.waitFor(id, 'succeeded');
  expect(sum(begun)).toBe(10_050n);
  expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 10_050 });
  expect(await platform.waitForStatus(payment.id, 'refunded')).toMatchObject({ refundedAmount: '100.50' });
  expect(await refunds.balances()).toEqual(before);
});

describe("the merchant's own number", () => {
  it('makes a repeat the same refund, and another request a conflict', async () => {
    const payment = await refunds.paidPayment();
    const body = { paymentId: payment.id, amount: '10.00', refundNo: `no-${payment.orderId}` };
    const [first, second] = await Promise.all([refunds.ask(body), refunds.ask(body)]);
    expect([first.status, second.status].sort()).toEqual([200, 201]);
    expect((first.body as RefundBody).id).toBe((second.body as RefundBody).id);
    const again = await refunds.ask(body);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    const other = await refunds.ask({ ...body, amount: '11.00' });
    expect([other.status, other.body]).toMatchObject([409, { error: { code: 'refund_conflict' } }]);
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 1_000 });
  });

  it('is found by its key as well: the same Idempotency-Key refunds once', async () => {
    const payment = await refunds.paidPayment();
    const headers = { 'Idempotency-Key': `refund-${payment.orderId}` };
    const first = await refunds.ask({ paymentId: payment.id, amount: '5.00' }, headers);
    const second = await refunds.ask({ paymentId: payment.id, amount: '5.00' }, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect((second.body as RefundBody).id).toBe((first.body as RefundBody).id);
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 500 });
  });
});

it('nothing is given back of what is not paid', async () => {
  const payment = await platform.openPayment();
  const reply = await refunds.ask({ paymentId: payment.id });
  expect([reply.status, reply.body]).toMatchObject([409, { error: { code: 'not_refundable' } }]);
});

describe('a refund that the channel finishes later', () => {
  it('ends by webhook', async () => {
    const payment = await refunds.paidPayment();
    platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 250 });
    const reply = await refunds.ask({ paymentId: payment.id });
    expect([reply.status, reply.body]).toMatchObject([201, { status: 'processing' }]);
    const { id } = reply.body as RefundBody;
    await refunds.waitFor(id, 'succeeded');
    await platform.waitForStatus(payment.id, 'refunded');
    await until('its event is settled', async () => {
      const { rows } = await platform.database.query<{ status: string }>(
        `select status from webhook_inbox where event ->> 'about' = 'refund' and event ->> 'reference' = $1`,
        [id],
      );
      return rows[0]?.status !== undefined && rows[0].status !== 'received';
    });
    expect(await storyOf(payment.id)).toEqual(
      expect.arrayContaining([
        'kpay works on the refund.',
        'An event came (refund: succeeded), was genuine and was kept; it was applied.',
        'The refund succeeded.',
      ]),
    );
  });

  it("is not ended by another account's event, genuine as that is", async () => {
    const payment = await refunds.paidPayment();
    platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 1_500 });
    const { id } = (await refunds.ask({ paymentId: payment.id, amount: '20.00' })).body as RefundBody;
    const stranger = await addKpay(platform.database, platform.secretBox, { baseUrl: platform.sandbox.url });
    const raw = JSON.stringify(kpayRefundEvent(`${payment.id}-1`, id));
    const reply = await platform.call(
      'POST',
      `/api/v1/webhooks/kpay/${publicId('channelConfig', stranger)}`,
      { raw, headers: signedBy(kpaySandboxAccount.webhookSecret, raw) },
    );
    expect(reply.status).toBe(200);
    await until('its event is settled', async () => {
      const { rows } = await platform.database.query<{ status: string; payment_id: string | null }>(
        'select status, payment_id from webhook_inbox where channel_config_id = $1',
        [stranger],
      );
      return rows[0]?.status === 'ignored' && rows[0].payment_id === null;
    });
    expect((await refunds.read(id)).status).toBe('processing');
    await refunds.waitFor(id, 'succeeded');
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 2_000 });
    expect(await platform.readPayment(payment.id)).toMatchObject({ refundedAmount: '20.00' });
  });

  it('ends by a look, when the webhook is lost', async () => {
    const payment = await refunds.paidPayment();
    platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 250 });
    platform.sandbox.addFault({ kind: 'webhook_lost' });
    const reply = await refunds.ask({ paymentId: payment.id, amount: '1.00' });
    await refunds.waitFor((reply.body as RefundBody).id, 'succeeded');
    expect((await platform.readPayment(payment.id)).status).toBe('partially_refunded');
  });
});

describe('a refund whose answer is lost', () => {
  it.each(['timeout_after', 'error_after', 'drop_after', 'timeout_before'] as const)(
    '%s: it is asked for, and made once',
    async (kind) => {
      const payment = await refunds.paidPayment();
      platform.sandbox.addFault({ kind, operation: 'refund', count: 1 });
      const reply = await refunds.ask({ paymentId: payment.id });
      expect(reply.status).toBe(201);
      await refunds.waitFor((reply.body as RefundBody).id, 'succeeded');
      expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 10_050 });
      expect(await refunds.journalsOf((reply.body as RefundBody).id)).toEqual(['refund_hold', 'refund']);
      expect(await storyOf(payment.id)).toContainEqual(
        expect.stringMatching(/^kpay did not say whether it took the refund: [a-z_]+ – /),
      );
    },
  );

  it('a channel that is away for a moment is asked again', async () => {
    const payment = await refunds.paidPayment();
    platform.sandbox.addFault({ kind: 'not_processed', operation: 'refund', count: 2 });
    const reply = await refunds.ask({ paymentId: payment.id });
    await refunds.waitFor((reply.body as RefundBody).id, 'succeeded');
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 10_050 });
  });
});

describe('a refund that the channel declines', () => {
  it.each([
    ['at once', []],
    ['later', [{ kind: 'refund_pending' as const, count: 1, ms: 250 }]],
  ])(
    '%s gives the amount back to the balance it came from, and may be asked for anew',
    async (_when, more) => {
      const payment = await refunds.paidPayment();
      const before = await refunds.balances();
      for (const fault of [{ kind: 'refund_failing' as const, count: 1 }, ...more])
        platform.sandbox.addFault(fault);
      const reply = await refunds.ask({ paymentId: payment.id });
      expect(reply.status).toBe(201);
      const { id } = reply.body as RefundBody;
      const failed = await refunds.waitFor(id, 'failed');
      expect(failed.error?.code).toBe('customer_account_closed');
      expect(await refunds.journalsOf(id)).toEqual(['refund_hold', 'refund_release']);
      expect(await refunds.balances()).toEqual(before);
      const told = await platform.callbacks.waitFor(payment.orderId, 'refund.failed');
      expect(told.data).toMatchObject({
        payment: { status: 'succeeded', refundedAmount: '0.00' },
        refund: { id, status: 'failed', error: { code: 'customer_account_closed' } },
      });
      expect(await storyOf(payment.id)).toContainEqual(
        expect.stringMatching(/^The refund failed: customer_account_closed – /),
      );
      const again = await refunds.ask({ paymentId: payment.id });
      expect(again.body).toMatchObject({ status: 'succeeded', amount: '100.50' });
    },
  );
});

describe('while the money is only reserved', () => {
  async function authorized(): Promise<PaymentBody> {
    const started = await platform.startPayment(anOrder({ amount: '100', capture: 'manual' }));
    const payment = started.body as PaymentBody;
    await platform.checkout(payment, 'pay');
    return platform.waitForStatus(payment.id, 'authorized');
  }
  const capture = (id: string) =>
    platform.call('POST', `/api/v1/payments/${id}/capture`, { key: platform.merchant.apiKey, body: {} });

  it('a refund waits for the capture that runs, and is made then', async () => {
    const payment = await authorized();
    platform.sandbox.addFault({ kind: 'delay_after', operation: 'capture', count: 1, ms: 600 });
    const capturing = capture(payment.id);
    const refund = (await refunds.ask({ paymentId: payment.id, amount: '30.00' })).body as RefundBody;
    expect((await capturing).status).toBe(200);
    await refunds.waitFor(refund.id, 'succeeded');
    expect(await platform.readPayment(payment.id)).toMatchObject({
      status: 'partially_refunded',
      capturedAmount: '100.00',
      refundedAmount: '30.00',
    });
  });

  it('a refund of what is never captured is refused in the end, and the merchant is told', async () => {
    const payment = await authorized();
    const reply = await refunds.ask({ paymentId: payment.id });
    expect([reply.status, reply.body]).toMatchObject([201, { status: 'pending' }]);
    const refused = await refunds.waitFor((reply.body as RefundBody).id, 'failed');
    expect(refused.error?.code).toBe('not_refundable');
    await platform.callbacks.waitFor(payment.orderId, 'refund.failed');
    expect(await refunds.journalsOf(refused.id)).toEqual([]);
    expect((await capture(payment.id)).status).toBe(200);
  });
});

it('a refund whose workflow is lost is resumed by the sweep, and made once', async () => {
  const payment = await refunds.paidPayment();
  platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 400 });
  platform.sandbox.addFault({ kind: 'webhook_lost' });
  const { id } = (await refunds.ask({ paymentId: payment.id })).body as RefundBody;
  const uuid = `${id.slice(4, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 24)}-${id.slice(24)}`;
  await platform.temporal.workflow.getHandle(refundWorkflowId(uuid)).terminate('lost');
  await platform.database.query("update refunds set wake_at = now() - interval '1 s' where id = $1", [uuid]);
  await platform.sweep('refunds');
  await refunds.waitFor(id, 'succeeded');
  expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 10_050, refunds: [{ effects: 1 }] });
});

it('is taken from the available balance when the pending one is paid out, and refused when neither can', async () => {
  const payment = await refunds.paidPayment({ amount: '70.00' });
  const { pending } = await refunds.balances();
  // As a settlement does.
  const move = (balance: 'pending' | 'available', amount: bigint) =>
    correct(platform.database, merchantAccount('test', platform.merchant.id, balance, 'USD'), amount);
  await move('pending', -pending);
  const refused = await refunds.ask({ paymentId: payment.id, amount: '20.00' });
  expect([refused.status, refused.body]).toMatchObject([422, { error: { code: 'insufficient_balance' } }]);
  await move('available', 5_000n);
  const refunded = await refunds.ask({ paymentId: payment.id, amount: '20.00' });
  expect(refunded.body).toMatchObject({ status: 'succeeded' });
  expect(await refunds.balances()).toEqual({ pending: 0n, available: 3_000n, held: 0n });
  platform.sandbox.addFault({ kind: 'refund_failing', count: 1 });
  const failed = await refunds.ask({ paymentId: payment.id, amount: '20.00' });
  await refunds.waitFor((failed.body as RefundBody).id, 'failed');
  expect(await refunds.balances()).toEqual({ pending: 0n, available: 3_000n, held: 0n });
});
