import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    throughProxies: true,
    settings: { PAYMENT_OPEN_WITHIN_MS: '400', CHANNEL_TIMEOUT_MS: '500' },
  });
});
afterAll(() => platform?.close());

it('a payment that took too long to be written down is not taken to the channel, and ends', async () => {
  // The first payments of a cold process may take longer than the window that this test sets.
  await until(
    'a payment is quick enough',
    async () => (await platform.startPayment(anOrder())).status === 201,
  );
  const order = anOrder();
  const connections = platform.proxies.database;
  const reply = platform.startPayment(order);
  connections.hold();
  await new Promise((resolve) => setTimeout(resolve, 800));
  connections.resume();
  expect([201, 202, 503]).toContain((await reply).status);
  const failed = await until('it has ended', async () => {
    const read = await platform.call('GET', `/api/v1/payments/${order.orderId}`, {
      key: platform.merchant.apiKey,
    });
    const payment = read.body as PaymentBody;
    return read.status === 200 && payment.status === 'failed' && payment;
  });
  expect(failed.lastError?.code).toBe('never_arrived');
  expect(failed.lastError?.message).toMatch(/new orderId/);
  expect(platform.sandbox.find(`${failed.id}-1`)).toBeUndefined();
});
