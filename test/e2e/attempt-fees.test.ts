import { newId } from '../../db/ids';
import { startTpaySandbox, type TpaySandbox } from '../../dev/sandboxes/tpay/sandbox';
import { putChannel } from '../support/channel';
import { disputesOn } from '../support/disputes';
import { lateMoneyOn } from '../support/late-money';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { configurePayments } from '../support/platform-merchant';
import { refundsOn } from '../support/refunds';
import { until } from '../support/until';

let platform: Platform;
let tpay: TpaySandbox;
const tpayConfigId = newId();
let usualPlanId: string;
beforeAll(async () => {
  platform = await startPlatform({ config: { lateMoney: 'ask' } });
  tpay = await startTpaySandbox({ webhookRetryFirstMs: 200, refundMs: 20 });
  await putChannel(platform, tpayConfigId, {
    channel: 'tpay',
    name: 'TPay sandbox',
    baseUrl: tpay.url,
    credentials: { ...tpay.account },
    currencies: ['TWD'],
  });
  await offer('kpay', 'tpay');
  usualPlanId = await addPlan('merchant', 'payment', { percent: '10' });
  await addPlan('merchant', 'payment', { percent: '20' }, 'card');
  await addPlan('merchant', 'refund', { percent: '10' });
  await addPlan('merchant', 'dispute', { fixed: '70' }, 'card');
  await addPlan('platform', 'payment', { percent: '3' });
  await heard();
});
afterAll(async () => {
  await platform?.close();
  await tpay?.close();
});

const admin = (method: string, path: string, body: object) =>
  platform.call(method, `/api/v1/admin/${path}`, { key: platform.operatorKey, body });

/** Configuration is read anew within a second. */
const heard = () => new Promise((resolve) => setTimeout(resolve, 1_100));

const offer = (...channels: string[]) =>
  configurePayments(platform, platform.merchant, {
    ...{ channels, currencies: ['TWD'], callbackUrl: platform.callbacks.url, lateMoney: 'ask' },
  });

async function addPlan(payer: string, transactionType: string, tier: object, method?: string) {
  const scope = { payer, transactionType, currency: 'TWD', method };
  const name = `${transactionType}, ${method ?? 'any'}, ${payer}`;
  const reply = await admin('POST', 'fee-plans', { ...scope, name, terms: { tiers: [tier] } });
  expect(reply.status).toBe(201);
  return (reply.body as { id: string }).id;
}

const start = (wish: object) => platform.openPayment({ amount: '1000', currency: 'TWD', ...wish });

async function decline(payment: PaymentBody): Promise<void> {
  await platform.checkout(payment, 'decline');
  await until('declined', async () => (await platform.readPayment(payment.id)).lastError !== null);
}

async function tryBy({ id }: PaymentBody, wish: object): Promise<PaymentBody> {
  const reply = await platform.call('POST', `/api/v1/payments/${id}/attempts`, {
    key: platform.merchant.apiKey,
    body: wish,
  });
  expect(reply.status).toBe(200);
  return reply.body as PaymentBody;
}

async function payAtTpay({ id, nextAction }: PaymentBody): Promise<void> {
  const { content } = nextAction as unknown as { content: string };
  await fetch(`${content}/pay`, { method: 'POST', headers: { accept: 'application/json' } });
  await platform.waitForStatus(id, 'succeeded');
}

async function payAtKpay(payment: PaymentBody): Promise<void> {
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
}

/** What the merchant paid us for it, and we the channel, by the end of the journal's reference. */
async function booked({ id }: { id: string }): Promise<Record<string, string>> {
  const { rows } = await platform.database.query<{ step: string; paid: string }>(
    `select substr(j.reference, length($1) + 1) as step,
       coalesce(-sum(l.amount) filter (where a.kind = 'fee_income'), 0) || '/'
         || coalesce(sum(l.amount) filter (where a.kind = 'channel_cost'), 0) as paid
     from ledger_journals j, unnest(j.account_ids, j.amounts) l (account_id, amount)
     join ledger_accounts a on a.id = l.account_id
     where starts_with(j.reference, $1) group by 1`,
    [id],
  );
  return Object.fromEntries(rows.map(({ step, paid }) => [step, paid]));
}

test('an attempt at another provider pays what the payment would have cost there from the beginning', async () => {
  const payment = await start({ provider: 'kpay', method: 'wallet' });
  await decline(payment);
  await payAtTpay(await tryBy(payment, { provider: 'tpay' }));
  expect(await booked(payment)).toEqual({ '-2': '100/30' });

  const refunds = refundsOn(platform);
  const asked = await refunds.ask({ paymentId: payment.id, amount: '400' });
  const refund = await refunds.waitFor((asked.body as { id: string }).id, 'succeeded');
  expect(await booked(refund)).toMatchObject({ ':fee': '40/0' });
});

test('an attempt by another method pays what that method costs, a lost dispute of it too', async () => {
  const payment = await start({ provider: 'kpay', method: 'wallet' });
  await decline(payment);
  await payAtKpay(await tryBy(payment, { method: 'card' }));
  expect(await booked(payment)).toEqual({ '-2': '200/30' });

  const disputes = disputesOn(platform);
  const opened = await disputes.open(payment, { reference: `${payment.id}-2` });
  const { id } = await disputes.of(payment);
  await disputes.decide(opened, 'lose');
  await disputes.waitFor(id, 'lost');
  expect((await booked({ id }))[':lost']).toMatch(/^70\//);
});

test('where two attempts are paid, each costs what was agreed for it', async () => {
  platform.sandbox.addFault({ kind: 'allow_late_payment' });
  const payment = await start({ provider: 'kpay', method: 'wallet' });
  await payAtKpay(await tryBy(payment, { method: 'card' }));
  await platform.checkout(payment, 'pay');
  await lateMoneyOn(platform).decided(payment, 'accept');
  const all = await booked(payment);
  const [accepted] = Object.keys(all).filter((step) => step.endsWith(':accepted'));
  expect([all['-2'], all[accepted ?? '']]).toEqual(['200/30', '100/30']);
});

test('a channel that an approval has to choose anew is paid for as well', async () => {
  await offer('kpay');
  await platform.database.query(`update payment_configs set review_above = '{"TWD": "999"}'`);
  await heard();
  const body = { amount: '1000', currency: 'TWD', orderId: `reviewed-${newId()}` };
  const payment = (await platform.startPayment(body)).body as PaymentBody;
  expect(payment.status).toBe('review');

  await offer('tpay');
  await heard();
  const decision = { decision: 'approve', reason: 'known customer' };
  const { operatorKey: key } = platform;
  await platform.call('POST', `/api/v1/payments/${payment.id}/review`, { key, body: decision });
  await payAtTpay(await platform.waitForStatus(payment.id, 'requires_action'));
  expect(await booked(payment)).toEqual({ '-2': '100/30' });
  await platform.database.query(`update payment_configs set review_above = '{}'`);
  await offer('kpay', 'tpay');
  await heard();
});

test('a plan that changes while a payment is open does not change what its next attempts cost', async () => {
  const payment = await start({ provider: 'kpay', method: 'wallet' });
  await decline(payment);
  const terms = { tiers: [{ percent: '50' }] };
  expect((await admin('PUT', `fee-plans/${usualPlanId}`, { version: 1, terms })).status).toBe(200);
  await heard();
  await payAtTpay(await tryBy(payment, { provider: 'tpay' }));
  expect(await booked(payment)).toEqual({ '-2': '100/30' });
});
