import { setTimeout as sleep } from 'node:timers/promises';
import { startApi } from '../../api/server';
import { loadSettings } from '../../config/settings';
import { freePorts } from '../../dev/stack/ports';
import { call, type Reply } from '../support/api';
import { disputesOn } from '../support/disputes';
import { brokenInvariants } from '../support/invariants';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';
import { until } from '../support/until';

/** So long a suspended merchant may still change something, and one that was let go on may still be refused. */
const withinMs = 1_000;

let platform: Platform;
let other: { url: string; stop(): Promise<void> };
let refunds: ReturnType<typeof refundsOn>;
let disputes: ReturnType<typeof disputesOn>;

beforeAll(async () => {
  // What is pending is not polled before this test has looked at it.
  platform = await startPlatform({ throughProxies: true, settings: { REFUND_FIRST_POLL_MS: '60000' } });
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const env = { ...platform.env, API_PORT: String(port), API_PUBLIC_URL: url };
  other = { url, stop: (await startApi(loadSettings(env))).stop };
  refunds = refundsOn(platform);
  disputes = disputesOn(platform);
});
afterAll(async () => {
  await other?.stop();
  await platform?.close();
});
afterEach(() => platform.sandbox.clearFaults());

const asMerchant = (method: string, path: string, body?: object, url = platform.url) =>
  call(url, method, `/api/v1${path}`, { key: platform.merchant.apiKey, body });
const asOperator = (method: string, path: string, body?: object) =>
  call(platform.url, method, `/api/v1${path}`, { key: platform.operatorKey, body });
const codeOf = ({ body }: Reply) => (body as { error?: { code: string } }).error?.code;

async function turn(verb: 'suspend' | 'resume'): Promise<void> {
  const path = `/admin/merchants/${platform.merchant.publicId}/${verb}`;
  expect((await asOperator('POST', path, { reason: `to see what ${verb} does` })).status).toBe(200);
}

/** Suspended, and nobody remembers anything else. */
async function suspended(): Promise<void> {
  await turn('suspend');
  await sleep(withinMs);
}
afterEach(async () => {
  await turn('resume');
  await sleep(withinMs);
});

async function authorized(): Promise<PaymentBody> {
  const payment = (await platform.startPayment(anOrder({ capture: 'manual' }))).body as PaymentBody;
  await platform.checkout(payment, 'pay');
  return platform.waitForStatus(payment.id, 'authorized');
}

it('holds within a second in every process, and so does its end', async () => {
  const urls = [platform.url, other.url];
  const seen: { url: string; sentAt: number; answeredAt: number; code: string | undefined }[] = [];
  let isOver = false;
  // Asked all the time, so that a key that is in use is remembered no longer than one that is not.
  const asking = urls.map(async (url) => {
    while (!isOver) {
      const sentAt = Date.now();
      const code = codeOf(await asMerchant('POST', '/payments/none/cancel', {}, url));
      seen.push({ url, sentAt, answeredAt: Date.now(), code });
    }
  });
  await until('both have answered', () => urls.every((url) => seen.some((one) => one.url === url)));
  const suspends = Date.now();
  await turn('suspend');
  const suspendedAt = Date.now();
  await sleep(2 * withinMs);
  const resumes = Date.now();
  await turn('resume');
  const resumedAt = Date.now();
  await sleep(2 * withinMs);
  isOver = true;
  await Promise.all(asking);

  for (const url of urls) {
    const codes = (from: number, to: number) =>
      new Set(
        seen
          .filter((one) => one.url === url && one.sentAt > from && one.answeredAt < to)
          .map(({ code }) => code),
      );
    expect([...codes(0, suspends)]).toEqual(['not_found']);
    expect([...codes(suspendedAt + withinMs, resumes)]).toEqual(['merchant_suspended']);
    expect([...codes(resumedAt + withinMs, Infinity)]).toEqual(['not_found']);
  }
  for (const url of urls) expect((await asMerchant('POST', '/payments', anOrder(), url)).status).toBe(201);
});

it('refuses whatever the merchant begins, and lets it read', async () => {
  const open = await platform.openPayment();
  const reserved = await authorized();
  const paid = await refunds.paidPayment();
  await suspended();
  const { publicId } = platform.merchant;
  const begun: [string, string, object?][] = [
    ['POST', '/payments', anOrder()],
    ['POST', `/payments/${open.id}/attempts`, {}],
    ['POST', `/payments/${open.id}/cancel`, {}],
    ['POST', `/payments/${reserved.id}/capture`, {}],
    ['POST', '/refunds', { paymentId: paid.id }],
    ['POST', `/payments/refund/${paid.id}`, {}],
    ['POST', '/customers', { name: 'Ms Lin' }],
    ['PUT', `/merchants/${publicId}/payment-config`, { currencies: ['USD'], channels: ['kpay'] }],
    ['POST', `/merchants/${publicId}/payment-config/callback-secret`],
  ];
  for (const [method, path, body] of begun) {
    const refused = await asMerchant(method, path, body);
    expect([path, refused.status, codeOf(refused)]).toEqual([path, 403, 'merchant_suspended']);
  }
  const read = [
    `/merchants/${publicId}`,
    `/merchants/${publicId}/payment-config`,
    `/merchants/${publicId}/transactions`,
    `/payments/${open.id}`,
    `/payments/${open.id}/timeline`,
    '/refunds',
    '/disputes',
    '/customers',
  ];
  for (const path of read) expect([path, (await asMerchant('GET', path)).status]).toEqual([path, 200]);
  for (const { id, status } of [open, reserved, paid]) {
    expect(await platform.readPayment(id)).toMatchObject({ status });
  }
});

it('a start that was let in before, and is not written down yet, is refused where it would be', async () => {
  const order = anOrder();
  platform.proxies.temporal.hold();
  const starting = platform.startPayment(order);
  try {
    await sleep(300);
    await suspended();
  } finally {
    platform.proxies.temporal.resume();
  }
  const refused = await starting;
  expect([refused.status, codeOf(refused)]).toEqual([403, 'merchant_suspended']);
  expect((await asMerchant('GET', `/payments/${order.orderId}`)).status).toBe(404);
});

it('what has begun runs to its end: an open payment, a refund, a dispute, and their callbacks', async () => {
  const open = await platform.openPayment();
  const refunded = await refunds.paidPayment();
  platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 4_000 });
  const refund = (await refunds.ask({ paymentId: refunded.id })).body as RefundBody;
  const disputed = await disputes.paidPayment();
  const atBank = await disputes.open(disputed);
  const dispute = await disputes.of(disputed);
  await suspended();
  expect((await refunds.read(refund.id)).status).toBe('processing');

  await platform.checkout(open, 'pay');
  await platform.waitForStatus(open.id, 'succeeded');
  await platform.callbacks.waitFor(open.orderId, 'payment.succeeded');
  await disputes.decide(atBank, 'lose');
  await disputes.waitFor(dispute.id, 'lost');
  await platform.callbacks.waitFor(disputed.orderId, 'dispute.lost');
  await refunds.waitFor(refund.id, 'succeeded');
  await platform.callbacks.waitFor(refunded.orderId, 'refund.succeeded');
  expect((await asMerchant('GET', `/merchants/${platform.merchant.publicId}`)).body).toMatchObject({
    status: 'suspended',
  });
});

it('what waits for an operator goes on when one has decided', async () => {
  await platform.database.query(`update payment_configs set review_above = '{"USD": "50000"}'`);
  await sleep(withinMs);
  const reviewed = (await platform.startPayment(anOrder({ amount: '900.00' }))).body as PaymentBody;
  expect(reviewed.status).toBe('review');
  await suspended();
  const decision = { decision: 'approve', reason: 'the customer is known' };
  const approved = await asOperator('POST', `/payments/${reviewed.id}/review`, decision);
  expect([approved.status, approved.body]).toMatchObject([200, { status: 'requires_action' }]);
  await platform.checkout(approved.body as PaymentBody, 'pay');
  await platform.waitForStatus(reviewed.id, 'succeeded');
});

it('operators act for it: they refund, cancel a reservation, and send a callback again', async () => {
  const reserved = await authorized();
  const paid = await refunds.paidPayment();
  const told = await platform.callbacks.waitFor(paid.orderId, 'payment.succeeded');
  await suspended();

  const what = { paymentId: paid.id, amount: '40.00', reason: 'it never came', refundNo: `op-${paid.id}` };
  const refunded = await asOperator('POST', '/refunds', what);
  expect([refunded.status, refunded.body]).toMatchObject([201, { status: 'succeeded', amount: '40.00' }]);
  const again = await asOperator('POST', '/refunds', what);
  expect([again.status, (again.body as RefundBody).id]).toEqual([200, (refunded.body as RefundBody).id]);
  const rest = await asOperator('POST', `/payments/refund/${paid.id}`, {});
  expect([rest.status, rest.body]).toMatchObject([201, { status: 'succeeded', amount: '60.50' }]);
  expect(await platform.readPayment(paid.id)).toMatchObject({ status: 'refunded', refundedAmount: '100.50' });

  const cancelled = await asOperator('POST', `/payments/${reserved.id}/cancel`, { reason: 'suspended' });
  expect([cancelled.status, cancelled.body]).toMatchObject([200, { status: 'cancelled' }]);
  expect(platform.sandbox.find(`${reserved.id}-1`)).toMatchObject({ status: 'cancelled' });

  for (const { id } of [paid, reserved]) {
    const { body } = await asMerchant('GET', `/payments/${id}/timeline`);
    const { lines } = body as { lines: { by: string }[] };
    expect(lines.some(({ by }) => by.startsWith('operator (key key_'))).toBe(true);
  }
  const resent = await asOperator('POST', `/callbacks/${told.id}/resend`);
  expect(resent.status).toBe(202);
  // Operators know no merchant's numbers.
  expect((await asOperator('POST', '/refunds', { orderId: paid.orderId })).status).toBe(404);
  expect(await brokenInvariants(platform.database, platform.sandbox.book())).toEqual([]);
});

it('operators capture for it what was reserved, and the timeline says who did', async () => {
  const { id } = await authorized();
  await suspended();
  const capture = (body: object) => asOperator('POST', `/payments/${id}/capture`, body);

  const tooMuch = await capture({ amount: '100.51' });
  expect([tooMuch.status, codeOf(tooMuch)]).toEqual([422, 'capture_exceeds_authorized']);
  const captured = await capture({ amount: '30.00', isFinal: true });
  expect([captured.status, captured.body]).toMatchObject([
    200,
    { status: 'succeeded', capturedAmount: '30.00' },
  ]);
  const { body } = await asMerchant('GET', `/payments/${id}/timeline`);
  const { lines } = body as { lines: { source: string; by: string; what: string }[] };
  const change = lines.find(({ source, what }) => source === 'payment' && what.includes('→ succeeded'));
  expect(change?.by).toMatch(/^operator \(key key_/);
});
