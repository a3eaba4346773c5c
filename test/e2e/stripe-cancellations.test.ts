import { setTimeout as sleep } from 'node:timers/promises';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { configurePayments } from '../support/platform-merchant';
import { openStripeShop, type StripeShop } from '../support/stripe-shop';
import { until } from '../support/until';

let platform: Platform;
let shop: StripeShop;
/** Stripe tells of what we cancel long before it answers the call. */
beforeAll(async () => {
  platform = await startPlatform();
  shop = await openStripeShop(platform);
});
afterAll(async () => {
  await platform?.close();
  await shop?.close();
});
beforeEach(() => void shop.sandbox.addFault({ kind: 'delay_after', operation: 'cancel', ms: 1_500 }));
afterEach(() => shop.sandbox.clearFaults());

const ask = (id: string, what: string) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key: platform.merchant.apiKey, body: {} });

async function attempts(id: string): Promise<string[]> {
  const { body } = await platform.call('GET', `/api/v1/payments/${id}/attempts`, {
    key: platform.merchant.apiKey,
  });
  const { data } = body as { data: { status: string; error: { code: string } | null }[] };
  return data.map(({ status, error }) => (error === null ? status : `${status} ${error.code}`));
}

const told = ({ orderId }: PaymentBody) =>
  platform.callbacks.events.filter(({ data }) => data.payment?.orderId === orderId).map(({ type }) => type);

describe('cancelled by the merchant is', () => {
  test('what is open', async () => {
    const payment = await platform.openPayment({ provider: 'stripe' });
    expect(await ask(payment.id, 'cancel')).toMatchObject({
      status: 200,
      body: { status: 'cancelled', lastError: { code: 'cancelled' } },
    });
    expect(await attempts(payment.id)).toEqual(['cancelled']);
  });

  test('what is open, and the answer to that is lost', async () => {
    shop.sandbox.clearFaults();
    shop.sandbox.addFault({ kind: 'drop_after', operation: 'cancel', count: 1 });
    const payment = await platform.openPayment({ provider: 'stripe' });
    expect(await ask(payment.id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await attempts(payment.id)).toEqual(['cancelled']);
  });

  test('what is reserved', async () => {
    const payment = await platform.openPayment({ provider: 'stripe', capture: 'manual' });
    await shop.press(payment, 'pay');
    await platform.waitForStatus(payment.id, 'authorized');
    expect(await ask(payment.id, 'cancel')).toMatchObject({
      status: 200,
      body: { status: 'cancelled', lastError: { code: 'cancelled' } },
    });
  });
});

test('what Stripe tells stands for an answer that never comes', async () => {
  shop.sandbox.clearFaults();
  shop.sandbox.addFault({ kind: 'timeout_after', operation: 'cancel' });
  const payment = await platform.openPayment({ provider: 'stripe' });
  expect(await ask(payment.id, 'attempts')).toMatchObject({ status: 200, body: { attempts: 2 } });
  expect(await attempts(payment.id)).toEqual(['cancelled superseded', 'action_required']);
  expect(await ask(payment.id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
});

test('a decline stays one when another attempt follows it', async () => {
  const payment = await platform.openPayment({ provider: 'stripe' });
  await shop.press(payment, 'decline');
  await until('declined', async () => (await attempts(payment.id))[0]?.startsWith('declined'));
  expect(await ask(payment.id, 'attempts')).toMatchObject({ status: 200, body: { attempts: 2 } });
  expect(await attempts(payment.id)).toEqual(['declined card_declined', 'action_required']);
});

test('at its time a payment expires, which alone is told, and no other attempt begins', async () => {
  await configurePayments(platform, platform.merchant, {
    channels: ['stripe'],
    callbackUrl: platform.callbacks.url,
    expiresInSeconds: 3,
  });
  // What a running process knows of configuration is at most a second old.
  await sleep(1_050);
  const payment = await platform.openPayment({ provider: 'stripe' });
  const { expiresAt } = payment as unknown as { expiresAt: string };
  await sleep(Date.parse(expiresAt) - Date.now() + 300);
  expect(await ask(payment.id, 'attempts')).toMatchObject({
    status: 409,
    body: { error: { code: 'payment_closed', message: expect.stringMatching(/is over/) as string } },
  });
  await platform.callbacks.waitFor(payment.orderId, 'payment.expired');
  expect(told(payment)).toEqual(['payment.expired']);
  expect(await attempts(payment.id)).toEqual(['expired']);
});
