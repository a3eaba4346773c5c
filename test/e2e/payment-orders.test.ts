import { configurePayments } from '../support/platform-merchant';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ settings: { WEBHOOK_SWEEP_AFTER_MS: '1' } });
});
afterAll(() => platform?.close());

async function paid(order = anOrder()): Promise<{ order: ReturnType<typeof anOrder>; payment: PaymentBody }> {
  const payment = await platform.openPayment(order);
  await platform.checkout(payment, 'pay');
  return { order, payment: await platform.waitForStatus(payment.id, 'succeeded') };
}

const paymentsOf = async (orderId: string) =>
  (await platform.database.query('select 1 from payments where order_id = $1', [orderId])).rowCount;

const codeOf = (reply: { body: unknown }) =>
  (reply.body as { error: { code: string; message: string } }).error;

it('the same request again is the same payment', async () => {
  const order = anOrder();
  const first = await platform.startPayment(order);
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  const { orderId, ...rest } = order;
  for (const again of [order, { ...rest, orderId }, { ...order, amount: 100.5 }]) {
    const reply = await platform.startPayment(again);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('idempotent-replayed')).toBe('true');
    expect(reply.body).toEqual(first.body);
  }
  expect(platform.sandbox.find(`${(first.body as PaymentBody).id}-1`)).toMatchObject({ creates: 1 });
});

it.each([
  ['amount', { amount: '100.51' }],
  ['currency', { currency: 'EUR' }],
  ['description', { description: 'Two tins of coffee' }],
  ['metadata', { metadata: { table: '4' } }],
])('the same orderId with another %s is refused', async (what, other) => {
  const order = anOrder();
  await platform.startPayment(order);
  const reply = await platform.startPayment({ ...order, ...other });
  expect(reply.status).toBe(409);
  expect(codeOf(reply)).toMatchObject({ code: 'order_conflict', param: 'orderId' });
  expect(codeOf(reply).message).toContain(`exists and differs from this request in ${what}.`);
  expect(await paymentsOf(order.orderId)).toBe(1);
});

it('after it is paid the same request reads it, and another one is told what differs', async () => {
  const { order, payment } = await paid();
  const same = await platform.startPayment(order);
  expect(same.status).toBe(200);
  expect(same.body).toEqual(payment);
  const other = await platform.startPayment({ ...order, amount: '1.00' });
  expect(other.status).toBe(409);
  expect(codeOf(other)).toMatchObject({ code: 'order_conflict', param: 'orderId' });
  expect(codeOf(other).message).toMatch(
    /is paid \(succeeded\) and differs from this request in amount\..* new orderId/,
  );
});

it('fifty at once are one payment and one order at the provider', async () => {
  const order = anOrder();
  const replies = await Promise.all(Array.from({ length: 50 }, () => platform.startPayment(order)));
  const statuses = replies.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array<number>(49).fill(200), 201]);
  const ids = new Set(replies.map(({ body }) => (body as PaymentBody).id));
  expect(ids.size).toBe(1);
  const [id] = ids;
  expect(platform.sandbox.find(`${id}-1`)).toMatchObject({ creates: 1, charges: 0 });
  expect(await paymentsOf(order.orderId)).toBe(1);
});

it('fifty at once that differ are one payment, and the others are refused', async () => {
  const order = anOrder();
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) => platform.startPayment({ ...order, amount: `${index + 1}.00` })),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 409)).toHaveLength(49);
  expect(await paymentsOf(order.orderId)).toBe(1);
});

it('an Idempotency-Key works beside the orderId', async () => {
  const order = anOrder();
  const headers = { 'idempotency-key': `key-${order.orderId}` };
  const first = await platform.startPayment(order, headers);
  const again = await platform.startPayment(order, headers);
  expect(again.status).toBe(201);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body).toEqual(first.body);
  const other = await platform.startPayment(anOrder(), headers);
  expect(other.status).toBe(409);
  expect(codeOf(other).code).toBe('idempotency_key_reused');
});

it('another merchant’s orderId is its own', async () => {
  const order = anOrder();
  const first = await platform.openPayment(order);
  const stranger = await platform.stranger();
  await configurePayments(platform, stranger, { channels: ['kpay'] });
  const reply = await platform.call('POST', '/api/v1/payments', { key: stranger.apiKey, body: order });
  expect(reply.status).toBe(201);
  expect((reply.body as PaymentBody).id).not.toBe(first.id);
});

it('is still the same payment when Temporal has forgotten it', async () => {
  const order = anOrder();
  const payment = await platform.openPayment(order);
  await platform.forget(platform.workflowId(order.orderId));
  const same = await platform.startPayment(order);
  expect(same.status).toBe(200);
  expect(same.body).toEqual(payment);
  expect((await platform.startPayment({ ...order, amount: '1.00' })).status).toBe(409);
  await platform.checkout(payment, 'pay');
  await until('it is paid', async () => {
    // The run that found the order taken may have heard the event, and ended: then the sweep tells it again.
    await platform.sweep('webhooks');
    return (await platform.readPayment(payment.id)).status === 'succeeded';
  });
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ creates: 1, charges: 1 });
});

it('is still the same payment when today’s settings would refuse it', async () => {
  const order = anOrder({ currency: 'TWD', amount: '300' });
  const payment = await platform.openPayment(order);
  await configurePayments(platform, platform.merchant, { channels: ['kpay'], currencies: ['USD', 'EUR'] });
  // Configuration is kept for a second.
  await until('the new settings are known', async () => {
    const reply = await platform.startPayment(anOrder({ currency: 'TWD', amount: '300' }));
    return reply.status === 422;
  });
  const same = await platform.startPayment(order);
  expect(same.status).toBe(200);
  expect(same.body).toEqual(payment);
  expect((await platform.startPayment({ ...order, amount: '301' })).status).toBe(409);
});
