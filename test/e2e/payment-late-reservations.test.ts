import { setTimeout as sleep } from 'node:timers/promises';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { openStripeShop, type StripeShop } from '../support/stripe-shop';
import { until } from '../support/until';

let platform: Platform;
let shop: StripeShop;
beforeAll(async () => {
  platform = await startPlatform();
  shop = await openStripeShop(platform);
});
afterAll(async () => {
  await platform?.close();
  await shop?.close();
});
afterEach(() => {
  platform.sandbox.clearFaults();
  shop.sandbox.clearFaults();
});

const ask = (id: string, what: string) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key: platform.merchant.apiKey, body: {} });

interface Attempt {
  status: string;
  providerReference: string;
}

async function attempts(id: string): Promise<Attempt[]> {
  const { body } = await platform.call('GET', `/api/v1/payments/${id}/attempts`, {
    key: platform.merchant.apiKey,
  });
  return (body as { data: Attempt[] }).data;
}

const told = ({ orderId }: PaymentBody) =>
  platform.callbacks.events.filter(({ data }) => data.payment?.orderId === orderId).map(({ type }) => type);

const inbox = async ({ id }: PaymentBody) => {
  const { rows } = await platform.database.query<{ status: string }>(
    'select status from webhook_inbox where payment_id = $1',
    [id.slice(4)],
  );
  return rows.map(({ status }) => status);
};

test('KPay does not tell that we gave a reservation back, and the news of it comes while we do', async () => {
  const payment = await platform.openPayment({ provider: 'kpay', capture: 'manual' });
  platform.sandbox.addFault({ kind: 'webhook_delayed', ms: 900 });
  platform.sandbox.addFault({ kind: 'delay_after', operation: 'cancel', ms: 1_800 });
  await platform.checkout(payment, 'pay');
  expect(await ask(payment.id, 'attempts')).toMatchObject({
    status: 200,
    body: { status: 'requires_action', attempts: 2 },
  });
  await until('the news is settled', async () => (await inbox(payment)).join() === 'ignored');
  expect((await attempts(payment.id)).map(({ status }) => status)).toEqual(['cancelled', 'action_required']);
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ status: 'cancelled' });
  expect(told(payment)).not.toContain('payment.authorized');
});

test('Stripe tells that it was cancelled before it tells that it was reserved', async () => {
  const payment = await platform.openPayment({ provider: 'stripe', capture: 'manual' });
  const [{ providerReference } = { providerReference: '' }] = await attempts(payment.id);
  shop.sandbox.addFault({
    ...{ kind: 'webhook_reordered', times: 2, ms: 2_000 },
    reference: `${payment.id}-1`,
  });
  await shop.press(payment, 'pay');
  const answer = await fetch(`${shop.sandbox.url}/v1/payment_intents/${providerReference}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${shop.sandbox.account.secretKey}`, connection: 'close' },
  });
  expect(answer.ok).toBe(true);
  await until('both are settled', async () => {
    const seen = await inbox(payment);
    return seen.length >= 2 && !seen.includes('received');
  });
  await sleep(100);
  expect(await platform.readPayment(payment.id)).toMatchObject({ status: 'requires_action' });
  expect((await attempts(payment.id)).map(({ status }) => status)).toEqual(['cancelled']);
  expect(told(payment)).not.toContain('payment.authorized');
});
