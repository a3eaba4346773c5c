import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { openStripeShop, type StripeShop } from '../support/stripe-shop';
import { until } from '../support/until';

let platform: Platform;
let shop: StripeShop;
beforeAll(async () => {
  platform = await startPlatform({ settings: { WEBHOOK_SWEEP_AFTER_MS: '300' } });
  shop = await openStripeShop(platform);
});
afterAll(async () => {
  await platform?.close();
  await shop?.close();
});
afterEach(() => shop.sandbox.clearFaults());

interface MethodBody {
  id: string;
  last4: string;
  status: string;
}

const get = (path: string) => platform.call('GET', `/api/v1${path}`, { key: platform.merchant.apiKey });

async function newCustomer(body: object = { name: 'Ms Lin', email: 'lin@example.com' }) {
  const reply = await platform.call('POST', '/api/v1/customers', { key: platform.merchant.apiKey, body });
  expect(reply.status).toBe(201);
  return reply.body as { id: string; name: string; email: string };
}

async function methodsOf(customerId: string): Promise<{ data: MethodBody[]; isCurrent: boolean }> {
  const reply = await get(`/customers/${customerId}/payment-methods`);
  expect(reply.status).toBe(200);
  return reply.body as { data: MethodBody[]; isCurrent: boolean };
}

/** A customer who has paid once and left a card. */
async function withCard(button: 'pay' | 'authenticate' = 'pay') {
  const customer = await newCustomer();
  const payment = await platform.openPayment({ saveMethodFor: customer.id });
  await shop.press(payment, button);
  await platform.waitForStatus(payment.id, 'succeeded');
  const { data } = await methodsOf(customer.id);
  return { customer, method: data[0]! };
}

const refOf = async (customerId: string): Promise<string> => {
  const { rows } = await platform.database.query<{ provider_ref: string }>(
    'select provider_ref from customer_accounts where customer_id = $1',
    [customerId.slice(4)],
  );
  return rows[0]?.provider_ref ?? '';
};

it('a card that was saved with one payment pays the next, without the customer', async () => {
  const { customer, method } = await withCard();
  expect(method).toMatchObject({
    object: 'saved_method',
    last4: '4242',
    status: 'active',
    channel: 'stripe',
  });
  const reply = await platform.startPayment({
    ...{ orderId: `again-${customer.id}`, amount: '20.00', currency: 'USD', savedMethod: method.id },
  });
  expect([reply.status, reply.body]).toMatchObject([201, { status: 'succeeded', nextAction: null }]);
  const payment = reply.body as PaymentBody;
  const book = shop.sandbox.find(`${payment.id}-1`);
  expect(book).toMatchObject({ charges: 1, amount: 2_000, customer: await refOf(customer.id) });
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');

  // The channel was chosen because it keeps the card, and the others say why not.
  const { rows } = await platform.database.query<{ decision: { routing: { considered: unknown[] } } }>(
    'select decision from payments where id = $1',
    [payment.id.slice(4)],
  );
  expect(rows[0]?.decision.routing.considered).toContainEqual(
    expect.objectContaining({ channel: 'kpay', reason: 'another channel keeps the payment method' }),
  );
});

it('a card whose bank asks for the customer is declined, and a further attempt brings them back', async () => {
  const { customer, method } = await withCard('authenticate');
  const reply = await platform.startPayment({
    ...{ orderId: `asks-${customer.id}`, amount: '20.00', currency: 'USD', savedMethod: method.id },
  });
  expect([reply.status, reply.body]).toMatchObject([
    201,
    { status: 'requires_action', nextAction: null, lastError: { code: 'authentication_required' } },
  ]);
  const { id } = reply.body as PaymentBody;
  const again = await platform.call('POST', `/api/v1/payments/${id}/attempts`, {
    key: platform.merchant.apiKey,
    body: { provider: 'stripe' },
  });
  expect([again.status, again.body]).toMatchObject([
    200,
    { status: 'requires_action', nextAction: { type: 'client_secret' }, attempts: 2 },
  ]);
  await shop.press(again.body as PaymentBody, 'authenticate');
  await platform.waitForStatus(id, 'succeeded');
  expect(shop.sandbox.find(`${id}-1`)?.charges).toBe(0);
  expect(shop.sandbox.find(`${id}-2`)?.charges).toBe(1);
});

it('an answer that was lost charges a saved card once', async () => {
  const { customer, method } = await withCard();
  shop.sandbox.addFault({ kind: 'drop_after', operation: 'create', count: 1 });
  const order = { orderId: `lost-${customer.id}`, amount: '20.00', currency: 'USD', savedMethod: method.id };
  const reply = await platform.startPayment(order);
  const { id } = reply.body as PaymentBody;
  await platform.waitForStatus(id, 'succeeded');
  expect(shop.sandbox.find(`${id}-1`)?.charges).toBe(1);
  const repeated = await platform.startPayment(order);
  expect([repeated.status, repeated.body]).toMatchObject([200, { id, status: 'succeeded' }]);
});

it('a card that is removed while its charge is in doubt: what it was charged is found', async () => {
  const { customer, method } = await withCard();
  shop.sandbox.addFault({ kind: 'drop_after', operation: 'create', count: 1 });
  shop.sandbox.addFault({ kind: 'webhook_lost', count: 20 });
  const charged = () => shop.sandbox.book().filter(({ charges }) => charges === 1).length;
  const before = charged();
  const starting = platform.startPayment({
    ...{ orderId: `removed-${customer.id}`, amount: '20.00', currency: 'USD', savedMethod: method.id },
  });
  await until('it is charged', () => charged() > before);
  const path = `/api/v1/customers/${customer.id}/payment-methods/${method.id}`;
  expect((await platform.call('DELETE', path, { key: platform.merchant.apiKey })).status).toBe(200);
  const { id } = (await starting).body as PaymentBody;
  await platform.waitForStatus(id, 'succeeded');
  expect(shop.sandbox.find(`${id}-1`)?.charges).toBe(1);
});

it('a card whose channel was away is charged when an operator takes the payment there again', async () => {
  const { customer, method } = await withCard();
  shop.sandbox.addFault({ kind: 'rate_limited', operation: 'create', count: 50 });
  const reply = await platform.startPayment({
    ...{ orderId: `away-${customer.id}`, amount: '20.00', currency: 'USD', savedMethod: method.id },
  });
  const { id } = reply.body as PaymentBody;
  expect([reply.status, reply.body]).toMatchObject([
    201,
    { status: 'pending', lastError: { code: 'no_channel' } },
  ]);
  shop.sandbox.clearFaults();
  const taken = await until('the channel is back', async () => {
    const path = `/api/v1/admin/manual-queue/${id}/retry`;
    const body = { reason: 'Stripe is back.' };
    const answer = await platform.call('POST', path, { key: platform.operatorKey, body });
    return answer.status === 200 && answer;
  });
  expect(taken.body).toMatchObject({ status: 'succeeded', nextAction: null, attempts: 2 });
  expect(shop.sandbox.find(`${id}-2`)).toMatchObject({ charges: 1, customer: await refOf(customer.id) });
});

it('a detached card is not listed and not charged; what it paid is still there to be read', async () => {
  const { customer, method } = await withCard();
  const order = { orderId: `once-${customer.id}`, amount: '20.00', currency: 'USD', savedMethod: method.id };
  expect((await platform.startPayment(order)).status).toBe(201);
  const path = `/api/v1/customers/${customer.id}/payment-methods/${method.id}`;
  for (let time = 1; time <= 2; time += 1) {
    const gone = await platform.call('DELETE', path, { key: platform.merchant.apiKey });
    expect([gone.status, gone.body]).toMatchObject([200, { status: 'detached' }]);
  }
  expect((await methodsOf(customer.id)).data).toEqual([]);
  const refused = await platform.startPayment({ ...order, orderId: `late-${customer.id}` });
  expect([refused.status, refused.body]).toMatchObject([
    422,
    { error: { code: 'saved_method_gone', param: 'savedMethod' } },
  ]);
  const repeated = await platform.startPayment(order);
  expect([repeated.status, repeated.body]).toMatchObject([200, { status: 'succeeded' }]);
});

it('a channel that does not answer: what was known is shown, and nothing is detached', async () => {
  const { customer, method } = await withCard();
  shop.sandbox.addFault({ kind: 'error_before', count: 2 });
  const shown = await methodsOf(customer.id);
  expect(shown).toMatchObject({ isCurrent: false, data: [{ id: method.id }] });
  const path = `/api/v1/customers/${customer.id}/payment-methods/${method.id}`;
  const refused = await platform.call('DELETE', path, { key: platform.merchant.apiKey });
  expect([refused.status, refused.body]).toMatchObject([503, { error: { code: 'channel_unreachable' } }]);
  expect(await methodsOf(customer.id)).toMatchObject({ isCurrent: true, data: [{ status: 'active' }] });
});

it('a customer who changes at Stripe changes here, and the event keeps no personal data', async () => {
  const { customer } = await withCard();
  const ref = await refOf(customer.id);
  const answer = await fetch(`${shop.sandbox.url}/v1/customers/${ref}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${shop.sandbox.account.secretKey}`, connection: 'close' },
    body: new URLSearchParams({ email: 'changed@example.com' }),
  });
  expect(answer.status).toBe(200);
  await until('the change is known', async () => {
    const { email } = (await get(`/customers/${customer.id}`)).body as { email: string };
    return email === 'changed@example.com';
  });
  expect((await get(`/customers/${customer.id}`)).body).toMatchObject({ name: 'Ms Lin' });
  const { rows } = await platform.database.query<{ kept: string }>(
    `select encode(body, 'escape') || coalesce(event::text, '') as kept from webhook_inbox`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { kept } of rows) expect(kept).not.toMatch(/example\.com|Ms Lin/);
});

it('personal data lie sealed, and one tenant can neither see nor charge what is another’s', async () => {
  const { customer, method } = await withCard();
  const { rows } = await platform.database.query<{ row: string }>(
    `select row_to_json(c)::text || encode(c.profile, 'escape') as row from customers c`,
  );
  for (const { row } of rows) expect(row).not.toMatch(/Ms Lin|lin@example/);

  const stranger = await platform.stranger();
  const asStranger = (verb: string, path: string, body?: object) =>
    platform.call(verb, `/api/v1${path}`, { key: stranger.apiKey, body });
  for (const path of ['', '/payment-methods']) {
    expect((await asStranger('GET', `/customers/${customer.id}${path}`)).status).toBe(404);
  }
  const detach = await asStranger('DELETE', `/customers/${customer.id}/payment-methods/${method.id}`);
  expect(detach.status).toBe(404);
  const own = await platform.call('POST', '/api/v1/customers', { key: stranger.apiKey, body: {} });
  const mixed = `/customers/${(own.body as { id: string }).id}/payment-methods/${method.id}`;
  expect((await asStranger('DELETE', mixed)).status).toBe(404);
  expect((await asStranger('GET', '/customers')).body).toMatchObject({ data: [{ name: null }] });
  const configured = await platform.call(
    'PUT',
    `/api/v1/merchants/${stranger.publicId}/payment-config?mode=test`,
    { key: platform.operatorKey, body: { currencies: ['USD'], channels: ['kpay', 'stripe'] } },
  );
  expect(configured.status).toBe(200);
  const order = { orderId: 'stolen-1', amount: '20.00', currency: 'USD' };
  const charged = await asStranger('POST', '/payments', { ...order, savedMethod: method.id });
  expect([charged.status, charged.body]).toMatchObject([400, { error: { param: 'savedMethod' } }]);
  const saved = await asStranger('POST', '/payments', { ...order, saveMethodFor: customer.id });
  expect([saved.status, saved.body]).toMatchObject([400, { error: { param: 'saveMethodFor' } }]);
  expect(await methodsOf(customer.id)).toMatchObject({ data: [{ id: method.id, status: 'active' }] });
});

it('one number of the merchant is one customer', async () => {
  const first = await newCustomer({ customerNo: 'lin-1', name: 'Ms Lin' });
  const again = await platform.call('POST', '/api/v1/customers', {
    key: platform.merchant.apiKey,
    body: { customerNo: 'lin-1', name: 'Mr Lin' },
  });
  expect([again.status, again.body]).toMatchObject([
    409,
    { error: { code: 'already_exists', param: 'customerNo' } },
  ]);
  const found = await get('/customers?customerNo=lin-1');
  expect(found.body).toMatchObject({ data: [{ id: first.id, name: 'Ms Lin' }], hasMore: false });
});
