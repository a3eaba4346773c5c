import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

interface Callback {
  id: string;
  type: string;
  status: string;
  tries: { no: number; statusCode: number | null; answer: string }[];
}

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      CALLBACK_RETRY_FIRST_MS: '300',
      CALLBACK_RETRY_MS_MAX: '300',
      OPEN_PAYMENT_OVERDUE_MS: '300',
    },
  });
});
afterAll(() => platform?.close());
afterEach(() => {
  platform.callbacks.isDown = false;
});

const key = () => platform.merchant.apiKey;

async function paidPayment(): Promise<PaymentBody> {
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  return platform.waitForStatus(payment.id, 'succeeded');
}

async function callbackOf(payment: PaymentBody): Promise<Callback | undefined> {
  const reply = await platform.call('GET', `/api/v1/callbacks?payment=${payment.id}`, { key: key() });
  return (reply.body as { data: Callback[] }).data.find(({ type }) => type === 'payment.succeeded');
}

it('an endpoint that fails and recovers gets its callback, and the list shows each try', async () => {
  platform.callbacks.isDown = true;
  const payment = await paidPayment();
  await until('it was tried twice', async () => ((await callbackOf(payment))?.tries.length ?? 0) >= 2);
  expect(await callbackOf(payment)).toMatchObject({
    status: 'handed_over',
    tries: [
      { no: 1, statusCode: 500, answer: 'not today' },
      { no: 2, statusCode: 500 },
    ],
  });
  platform.callbacks.isDown = false;
  const told = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  const delivered = await until('the list shows it', async () => {
    const callback = await callbackOf(payment);
    return callback?.status === 'delivered' && callback;
  });
  expect(delivered).toMatchObject({ id: told.id });
  expect(delivered.tries.at(-1)).toMatchObject({ statusCode: 200 });
});

it('one whose workflow Temporal has lost is found by the sweep, and arrives', async () => {
  platform.callbacks.isDown = true;
  const payment = await paidPayment();
  const lost = await until('its workflow tries', async () => {
    const callback = await callbackOf(payment);
    return (callback?.tries.length ?? 0) >= 2 && callback;
  });
  await platform.forget(`callback/${lost.id}`);
  platform.callbacks.isDown = false;
  await until('a sweep has found it', async () => {
    await platform.sweep('callbacks');
    return (await callbackOf(payment))?.status === 'delivered';
  });
  const told = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  expect(told.id).toBe(lost.id);
});

it('sent again by hand it comes once more under the same id', async () => {
  const payment = await paidPayment();
  const told = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  const copies = () => platform.callbacks.events.filter(({ id }) => id === told.id).length;
  const resent = await platform.call('POST', `/api/v1/callbacks/${told.id}/resend`, { key: key() });
  expect(resent.status).toBe(202);
  await until('it came again', () => copies() === 2);
});

it('while a secret is being changed both the old and the new one verify', async () => {
  const { body } = await platform.call(
    'GET',
    `/api/v1/merchants/${platform.merchant.publicId}/payment-config`,
    { key: key() },
  );
  const { callbackEndpointId } = body as { callbackEndpointId: string };
  const path = `/api/v1/webhook-endpoints/${callbackEndpointId}/rotate-secret`;
  const rotated = await platform.call('POST', path, { key: key() });
  expect(rotated.status).toBe(201);
  const { callbackSecret } = rotated.body as { callbackSecret: string };
  // The receiver still trusts the old one; the relay may know a rotation a second later.
  const first = await paidPayment();
  await platform.callbacks.waitFor(first.orderId, 'payment.succeeded');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  platform.callbacks.trust(callbackSecret);
  const second = await paidPayment();
  await platform.callbacks.waitFor(second.orderId, 'payment.succeeded');
  expect(platform.callbacks.forged).toEqual([]);
});
