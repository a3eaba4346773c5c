import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

const openWithinMs = 1_500;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { PAYMENT_OPEN_WITHIN_MS: String(openWithinMs), CHANNEL_TIMEOUT_MS: '1000' },
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
  const writer = await platform.database.connect();
  await writer.query('begin; lock table payments in share row exclusive mode');
  const reply = platform.startPayment(order);
  const workflow = platform.temporal.workflow.getHandle(platform.workflowId(order.orderId));
  await until('it has begun', () => workflow.describe().then(Boolean, () => false));
  await new Promise((resolve) => setTimeout(resolve, openWithinMs + 500));
  await writer.query('rollback');
  writer.release();
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
