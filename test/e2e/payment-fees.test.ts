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

async function balances(): Promise<Record<string, string>> {
  const { rows } = await platform.database.query<{ kind: string; balance: string }>(
    `select kind, (-ledger_balance(id))::text as balance from ledger_accounts where currency = 'USD'`,
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
