import { merchantBalances } from '../../db/stores/ledger-balances';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  await addPlan({
    name: 'cards, everybody',
    payer: 'merchant',
    transactionType: 'payment',
    currency: 'USD',
    terms: { tiers: [{ percent: '2.9', fixed: '0.30' }], refundable: 'percentage' },
  });
  await addPlan({
    name: 'refunds, everybody',
    payer: 'merchant',
    transactionType: 'refund',
    currency: 'USD',
    terms: { tiers: [{ fixed: '0.10' }] },
  });
  await addPlan({
    name: 'what KPay takes',
    payer: 'platform',
    transactionType: 'payment',
    currency: 'USD',
    terms: { tiers: [{ percent: '2.2' }] },
  });
});
afterAll(() => platform?.close());

async function addPlan(body: Record<string, unknown>): Promise<string> {
  const reply = await platform.call('POST', '/api/v1/admin/fee-plans', { key: platform.operatorKey, body });
  expect(reply).toMatchObject({ status: 201 });
  return (reply.body as { id: string }).id;
}

async function balances(currency = 'USD'): Promise<Record<string, string>> {
  const { rows } = await platform.database.query<{ kind: string; balance: string }>(
    'select kind, (-ledger_balance(id))::text as balance from ledger_accounts where currency = $1',
    [currency],
  );
  return Object.fromEntries(rows.map(({ kind, balance }) => [kind, balance]));
}

async function paid(amount: string): Promise<PaymentBody> {
  const payment = await platform.openPayment({ amount, currency: 'USD' });
  await platform.checkout(payment, 'pay');
  return platform.waitForStatus(payment.id, 'succeeded');
}

test('a payment is booked with the fee and the cost of the plans that held when it began', async () => {
  await paid('100.00');
  expect(await balances()).toMatchObject({
    merchant_pending: '9680', // 100.00 − (2.90 + 0.30)
    fee_income: '320',
    channel_cost: '-220',
    channel_receivable: '-9780', // what KPay still owes us: 100.00 − 2.20
  });
});

test('a refund gives back its part of the percentage, and costs its own fee', async () => {
  const payment = await paid('100.00');
  const asked = await platform.call('POST', '/api/v1/refunds', {
    key: platform.merchant.apiKey,
    body: { paymentId: payment.id, amount: '40.00' },
  });
  expect(asked.status).toBe(201);
  await until(
    'refunded',
    async () => (await platform.readPayment(payment.id)).status === 'partially_refunded',
  );
  expect(await balances()).toMatchObject({
    merchant_pending: String(9680 * 2 - 4000 + 116 - 10),
    merchant_held: '0',
    fee_income: String(320 * 2 - 116 + 10),
  });
});

test('a fee is never more than the payment it is for', async () => {
  const before = Number((await balances()).merchant_pending);
  await paid('0.20');
  expect(Number((await balances()).merchant_pending)).toBe(before);
});

describe('a full refund of all that there is', () => {
  const plan = (refundable: string) => ({
    ...{ name: refundable, payer: 'merchant', transactionType: 'payment', currency: 'TWD' },
    terms: { tiers: [{ percent: '2.9', fixed: '3' }], refundable },
  });
  let planId: string;
  const ask = (paymentId: string, amount?: string) =>
    platform.call('POST', '/api/v1/refunds', { key: platform.merchant.apiKey, body: { paymentId, amount } });
  const inTwd = async () => merchantBalances(platform.database, platform.merchant.id, 'test', 'TWD');
  async function paidInTwd(): Promise<PaymentBody> {
    const payment = await platform.openPayment({ amount: '1000', currency: 'TWD' });
    await platform.checkout(payment, 'pay');
    return platform.waitForStatus(payment.id, 'succeeded');
  }
  async function allow(amount: string | undefined, version: number) {
    const path = `/api/v1/admin/merchants/${platform.merchant.publicId}/balance-allowances`;
    const body = { mode: 'test', currency: 'TWD', amount, reason: 'known for years', version };
    const reply = await platform.call('PUT', path, { key: platform.operatorKey, body });
    expect(reply.status).toBe(200);
  }

  test('needs no more than the payment brought, where its fee goes back: also in parts at once', async () => {
    planId = await addPlan(plan('all'));
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
    const payment = await paidInTwd();
    expect(await inTwd()).toMatchObject({ pending: 968n });
    const replies = await Promise.all(Array.from({ length: 5 }, () => ask(payment.id, '200')));
    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(201));
    await platform.waitForStatus(payment.id, 'refunded');
    expect(await inTwd()).toEqual({ pending: 0n, available: 0n, held: 0n });
    expect((await balances('TWD')).fee_income).toBe('0');
  });

  test('is refused where the fee stays, and nothing moves; an operator can let it go below zero, so far and no further', async () => {
    const changed = await platform.call('PUT', `/api/v1/admin/fee-plans/${planId}`, {
      key: platform.operatorKey,
      body: { version: 1, terms: plan('none').terms },
    });
    expect(changed.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
    const first = await paidInTwd();
    const refused = await ask(first.id);
    expect([refused.status, refused.body]).toMatchObject([422, { error: { code: 'insufficient_balance' } }]);
    expect(await inTwd()).toEqual({ pending: 968n, available: 0n, held: 0n });

    await allow('40', 0);
    const second = await paidInTwd();
    // 1936 and 40 below zero carry one refund of 1000 and nine of 100, not a tenth.
    const replies = await Promise.all([
      ask(first.id),
      ...Array.from({ length: 10 }, () => ask(second.id, '100')),
    ]);
    await until('all are done', async () => (await inTwd()).held === 0n);
    const begun = replies.filter(({ status }) => status === 201);
    for (const reply of replies.filter(({ status }) => status !== 201)) {
      expect(reply.body).toMatchObject({ error: { code: 'insufficient_balance' } });
    }
    const left = (await inTwd()).pending;
    expect(begun.length).toBeLessThan(11);
    expect(left >= -40n && left < 60n + 900n).toBe(true);
    await allow(undefined, 1);
    expect((await ask(second.id, '1000')).status).toBe(422);
  });
});
