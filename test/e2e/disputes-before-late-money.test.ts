import { auditInvariants } from '../../db/read-models/invariants';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { disputesOn, type SandboxDispute } from '../support/disputes';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { lateMoneyOn } from '../support/late-money';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
let lateMoney: ReturnType<typeof lateMoneyOn>;
beforeAll(async () => {
  platform = await startPlatform({ config: { lateMoney: 'ask' } });
  disputes = disputesOn(platform);
  lateMoney = lateMoneyOn(platform);
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

/** Paid on a page that should have been closed, and the news of it is under way for a long time. */
async function paidUnheard(): Promise<PaymentBody> {
  platform.sandbox.addFault({ kind: 'webhook_lost', count: 1 });
  return lateMoney.paidLate();
}

/** Its news arrives after all. */
async function heard(payment: PaymentBody): Promise<void> {
  const order = platform.sandbox.find(`${payment.id}-1`);
  const raw = JSON.stringify(kpayEvent(`${payment.id}-1`, { order_id: order?.order_id }));
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
}

async function opened(
  payment: PaymentBody,
  how?: Record<string, unknown>,
): Promise<{ id: string; atBank: SandboxDispute }> {
  const atBank = await disputes.open(payment, how);
  const { id, funds } = await disputes.of(payment);
  expect(funds).toBe('untouched');
  return { id, atBank };
}

async function lost(payment: PaymentBody, how?: Record<string, unknown>): Promise<string> {
  const { id, atBank } = await opened(payment, how);
  await disputes.decide(atBank, 'lose');
  await disputes.waitFor(id, 'lost');
  return id;
}

const paidByUs = (amount: number) => [
  `dispute_lost: channel_cost ${amount}`,
  `dispute_lost: channel_receivable -${amount}`,
];
const madeUp = (amount: number) => [
  `dispute_lost: suspense ${amount}`,
  `dispute_lost: channel_cost -${amount}`,
];

test('a dispute lost before the news of its late money is made up from it: nobody is given what the bank took', async () => {
  const payment = await paidUnheard();
  const before = await disputes.balances();
  const id = await lost(payment);
  expect(await disputes.linesOf(id)).toEqual(paidByUs(10_050));
  await heard(payment);
  expect(await lateMoney.inSuspense(payment, 'resolved')).toMatchObject({ lostAmount: '100.50' });
  expect(await disputes.linesOf(id)).toEqual([...paidByUs(10_050), ...madeUp(10_050)]);
  expect(await disputes.balances()).toEqual(before);
});

test('lost in part, the rest is decided about', async () => {
  const payment = await paidUnheard();
  const before = await disputes.balances();
  const id = await lost(payment, { amount: 4_000 });
  await heard(payment);
  expect(await lateMoney.inSuspense(payment, 'open')).toMatchObject({ lostAmount: '40.00' });
  expect(await disputes.linesOf(id)).toEqual([...paidByUs(4_000), ...madeUp(4_000)]);
  await lateMoney.decided(payment, 'accept');
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending + 6_050n });
});

test('so it is with a second success of a payment that stays paid', async () => {
  platform.sandbox.addFault({ kind: 'allow_late_payment' });
  const payment = await platform.openPayment();
  const path = `/api/v1/payments/${payment.id}/attempts`;
  const second = await platform.call('POST', path, {
    key: platform.merchant.apiKey,
    body: { provider: 'kpay' },
  });
  await platform.checkout(second.body as PaymentBody, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const before = await disputes.balances();
  platform.sandbox.addFault({ kind: 'webhook_lost', reference: `${payment.id}-1`, count: 1 });
  await platform.checkout(payment, 'pay');
  const id = await lost(payment);
  await heard(payment);
  expect(await lateMoney.inSuspense(payment, 'resolved')).toMatchObject({ lostAmount: '100.50' });
  expect(await disputes.linesOf(id)).toEqual([...paidByUs(10_050), ...madeUp(10_050)]);
  expect(await disputes.balances()).toEqual(before);
});

test('one that still runs when the money comes is withheld when that is accepted', async () => {
  const payment = await paidUnheard();
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  await heard(payment);
  await lateMoney.decided(payment, 'accept');
  expect(await disputes.read(id)).toMatchObject({ funds: 'withheld' });
  expect(await disputes.balances()).toEqual({ ...before, held: before.held + 10_050n });
  await disputes.decide(atBank, 'lose');
  await disputes.waitFor(id, 'lost');
  expect(await disputes.balances()).toEqual(before);
});

test('opened before the money was known, and lost while it was being given back: made up if that fails', async () => {
  const payment = await paidUnheard();
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment, { amount: 10_000 });
  await heard(payment);
  const { id: suspenseId } = await lateMoney.inSuspense(payment, 'open');
  platform.sandbox.addFault({ kind: 'refund_failing', count: 1 });
  platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 2_000 });
  expect((await lateMoney.decide(suspenseId, 'refund')).status).toBe(200);
  await until(
    'the channel has the refund',
    () => platform.sandbox.find(`${payment.id}-1`)?.refunds.length === 1,
  );
  await disputes.decide(atBank, 'lose');
  await disputes.waitFor(id, 'lost');
  expect(await disputes.linesOf(id)).toEqual(paidByUs(10_000));
  await until('it is made up', async () => (await disputes.linesOf(id)).length === 4);
  expect(await disputes.linesOf(id)).toEqual([...paidByUs(10_000), ...madeUp(10_000)]);
  await lateMoney.decided(payment, 'accept');
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending + 50n });
});
