import { disputesOn } from '../support/disputes';
import { brokenInvariants } from '../support/invariants';
import { lateMoneyOn } from '../support/late-money';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';

let platform: Platform;
let refunds: ReturnType<typeof refundsOn>;
let lateMoney: ReturnType<typeof lateMoneyOn>;
beforeAll(async () => {
  platform = await startPlatform({ config: { lateMoney: 'ask' } });
  refunds = refundsOn(platform);
  lateMoney = lateMoneyOn(platform);
  await addPlan('payment', { tiers: [{ percent: '2', fixed: '0.30' }], refundable: 'percentage' });
  await addPlan('refund', { tiers: [{ fixed: '0.10' }] });
});
afterAll(async () => {
  try {
    expect(await brokenInvariants(platform.database, platform.sandbox.book())).toEqual([]);
  } finally {
    await platform?.close();
  }
});
afterEach(() => platform.sandbox.clearFaults());

async function addPlan(transactionType: string, terms: Record<string, unknown>): Promise<void> {
  const body = { name: transactionType, payer: 'merchant', transactionType, currency: 'USD', terms };
  const reply = await platform.call('POST', '/api/v1/admin/fee-plans', { key: platform.operatorKey, body });
  expect(reply.status).toBe(201);
}

const bookOf = (payment: PaymentBody, attemptNo = 1) => platform.sandbox.find(`${payment.id}-${attemptNo}`);
const codeOf = ({ status, body }: { status: number; body: unknown }) => [
  status,
  (body as { error?: { code: string } }).error?.code,
];

test('late money that was accepted is refunded in parts, with its part of the fee, and no more than came', async () => {
  await refunds.paidPayment();
  const payment = await lateMoney.paidLate();
  const before = await refunds.balances();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const accepted = await platform.callbacks.waitFor(payment.orderId, 'payment.late_money_accepted');
  expect(accepted.data).toMatchObject({ lateMoney: { suspenseId, amount: '100.50' } });
  // 100.50 less 2.01 and 0.30.
  expect((await refunds.balances()).pending).toBe(before.pending + 9_819n);

  const asked = await refunds.ask({ paymentId: payment.id, suspenseId, amount: '40.50', refundNo: 'late-1' });
  expect([asked.status, asked.body]).toMatchObject([
    201,
    { kind: 'accepted_money', suspenseId, status: 'succeeded', amount: '40.50' },
  ]);
  const again = await refunds.ask({ paymentId: payment.id, suspenseId, amount: '40.50', refundNo: 'late-1' });
  expect([again.status, (again.body as RefundBody).id]).toEqual([200, (asked.body as RefundBody).id]);
  expect(codeOf(await refunds.ask({ paymentId: payment.id, suspenseId, amount: '60.01' }))).toEqual([
    422,
    'refund_exceeds_captured',
  ]);
  // 40.50 less 0.81 of the fee, and 0.10 for the refund.
  expect((await refunds.balances()).pending).toBe(before.pending + 9_819n - 3_969n - 10n);

  const rest = await refunds.ask({ orderId: payment.orderId, suspenseId });
  expect([rest.status, rest.body]).toMatchObject([201, { status: 'succeeded', amount: '60.00' }]);
  expect(bookOf(payment)).toMatchObject({ refunded_amount: 10_050 });
  expect(await refunds.balances()).toEqual({ ...before, pending: before.pending - 30n - 20n });
  expect(await refunds.journalsOf((rest.body as RefundBody).id)).toEqual(['refund_hold', 'refund']);
  const told = await platform.callbacks.waitFor(payment.orderId, 'refund.succeeded');
  expect(told.data).toMatchObject({
    payment: { status: 'cancelled', refundedAmount: '0.00' },
    refund: { kind: 'accepted_money', suspenseId },
  });
});

test('what is refunded is no longer told as the merchant’s', async () => {
  const payment = await lateMoney.paidLate();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const read = async (path: string) => {
    const { apiKey: key } = platform.merchant;
    return (await platform.call('GET', `/api/v1/payments/${payment.id}/${path}`, { key })).body;
  };
  const seen = async () => {
    const { why } = (await read('timeline')) as { why: string };
    const { data } = (await read('attempts')) as { data: { charges: { place: string }[] }[] };
    return [why.split(' came all the same: ')[1], data[0]?.charges[0]?.place];
  };
  const refund = async (amount: string) => {
    const { body } = await refunds.ask({ paymentId: payment.id, suspenseId, amount });
    await refunds.waitFor((body as RefundBody).id, 'succeeded');
  };
  expect(await seen()).toEqual(['it was booked for the merchant.', 'accepted']);
  await refund('40.00');
  const inPart = 'it was booked for the merchant, and 40.00 USD of that was given back to the customer.';
  expect(await seen()).toEqual([inPart, 'accepted']);
  await refund('60.50');
  expect(await seen()).toEqual(['it was given back to the customer.', 'given_back']);
});

test('a second success is refunded at the charge it came by, and the payment’s own money as before', async () => {
  const payment = await lateMoney.paidTwice();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const second = await refunds.ask({ paymentId: payment.id, suspenseId });
  expect([second.status, second.body]).toMatchObject([201, { status: 'succeeded', amount: '100.50' }]);
  expect([bookOf(payment), bookOf(payment, 2)]).toMatchObject([
    { refunded_amount: 10_050 },
    { refunded_amount: 0 },
  ]);
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'succeeded',
    refundedAmount: '0.00',
  });
  expect((await refunds.ask({ paymentId: payment.id })).status).toBe(201);
  await platform.waitForStatus(payment.id, 'refunded');
  expect(bookOf(payment, 2)).toMatchObject({ refunded_amount: 10_050 });
});

test('fifty at once never give back more than came', async () => {
  await refunds.paidPayment();
  const payment = await lateMoney.paidLate();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => refunds.ask({ paymentId: payment.id, suspenseId, amount: '20.10' })),
  );
  const codes = replies.map((reply) => codeOf(reply).join(' ')).sort();
  expect(codes).toEqual([
    ...Array.from({ length: 5 }, () => '201 '),
    ...Array.from({ length: 45 }, () => '422 refund_exceeds_captured'),
  ]);
  for (const { body } of replies.filter(({ status }) => status === 201)) {
    await refunds.waitFor((body as RefundBody).id, 'succeeded');
  }
  expect(bookOf(payment)).toMatchObject({ refunded_amount: 10_050 });
});

test('one that the channel refuses leaves the money where it was', async () => {
  const payment = await lateMoney.paidLate();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const before = await refunds.balances();
  platform.sandbox.addFault({ kind: 'refund_failing' });
  const failed = await refunds.ask({ paymentId: payment.id, suspenseId, amount: '10.00' });
  expect(failed.body).toMatchObject({ status: 'failed' });
  expect(await refunds.balances()).toEqual(before);
  expect(await refunds.journalsOf((failed.body as RefundBody).id)).toEqual(['refund_hold', 'refund_release']);
  expect((await refunds.ask({ paymentId: payment.id, suspenseId })).status).toBe(201);
});

test('what a dispute withholds or has taken can’t be refunded besides; the rest can', async () => {
  const payment = await lateMoney.paidLate();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const disputes = disputesOn(platform);
  const atBank = await disputes.open(payment, { amount: 7_000 });
  await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  const all = () => refunds.ask({ paymentId: payment.id, suspenseId, amount: '100.50' });
  expect(codeOf(await all())).toEqual([409, 'payment_disputed']);
  const rest = await refunds.ask({ paymentId: payment.id, suspenseId });
  expect([rest.status, rest.body]).toMatchObject([201, { amount: '30.50' }]);
  await disputes.decide(atBank, 'lose');
  await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
  expect(codeOf(await refunds.ask({ paymentId: payment.id, suspenseId, amount: '0.01' }))).toEqual([
    409,
    'payment_disputed',
  ]);
});

test('won, it can be refunded again', async () => {
  const payment = await lateMoney.paidLate();
  const suspenseId = await lateMoney.decided(payment, 'accept');
  const disputes = disputesOn(platform);
  const atBank = await disputes.open(payment);
  await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  await disputes.decide(atBank, 'win');
  await platform.callbacks.waitFor(payment.orderId, 'dispute.won');
  const all = await refunds.ask({ paymentId: payment.id, suspenseId });
  expect([all.status, all.body]).toMatchObject([201, { amount: '100.50' }]);
});

test('what was not accepted, or is another payment’s, is not refunded', async () => {
  const payment = await lateMoney.paidTwice();
  const { id: suspenseId } = await lateMoney.inSuspense(payment, 'open');
  expect(codeOf(await refunds.ask({ paymentId: payment.id, suspenseId }))).toEqual([409, 'not_accepted']);
  await lateMoney.decided(payment, 'accept');
  const other = await refunds.paidPayment();
  const reply = await refunds.ask({ paymentId: other.id, suspenseId });
  expect([reply.status, reply.body]).toMatchObject([404, { error: { param: 'suspenseId' } }]);
});
