import { publicId } from '../../../domain/ids';
import { createRoutes, type RoutesDeps } from '../../../api/routes';
import { fullPath, type Route } from '../../../api/route';
import { newApiKey } from '../../../security/api-keys';
import { insertPayment } from '../../support/payments';
import { addSavedMethod } from '../../support/saved-method';
import { startTestApi, type Reply, type TestApi, type TestMerchant } from '../../support/api';

/** Only declared here: the routes that are called are those of the running app. */
const routes = createRoutes({} as RoutesDeps);
const guarded = routes.filter(({ auth }) => auth !== 'public');

/** A body that each writing route takes; a new route has to bring one. */
const bodies: Record<string, unknown> = {
  startPayment: { orderId: 'tea-1', amount: '1.00' },
  createMerchant: { name: 'Another' },
  suspendMerchant: { reason: 'too many disputes' },
  resumeMerchant: { reason: 'they were settled' },
  createApiKey: { mode: 'test' },
  putPaymentConfig: { currencies: ['USD'], channels: ['kpay'] },
  capturePayment: {},
  cancelPayment: {},
  createRefund: { orderId: 'owner-1' },
  refundPayment: {},
  resolveRefund: { outcome: 'made', reason: 'seen in the back office' },
  resolveReceivedEvent: { reason: 'not true' },
  decideSuspense: { decision: 'refund', reason: 'paid twice' },
  attemptPayment: {},
  reviewPayment: { decision: 'approve', reason: 'looks right' },
  createFeePlan: {
    ...{ name: 'cards', payer: 'merchant', transactionType: 'payment', currency: 'USD' },
    terms: { tiers: [{ percent: '2.9' }] },
  },
  createExchangeRate: { base: 'USD', quote: 'TWD', rate: '31.5' },
  importExchangeRates: { csv: 'base,quote,rate,observedAt\nUSD,TWD,31.5,2026-01-31T09:30:00Z' },
  askForAdjustment: {
    account: { id: `acc_${'0'.repeat(32)}` },
    ...{ direction: 'increase', amount: '1.00', reason: 'a cent was lost' },
  },
  decideAdjustment: { decision: 'approve' },
  closeLedgerAccount: { reason: 'gone' },
  reopenLedgerAccount: { reason: 'back' },
  createRateSource: {
    name: 'market',
    url: 'https://rates.example/{base}',
    pairs: [{ base: 'USD', quote: 'TWD', path: '$.TWD' }],
  },
  changeRateSource: {
    version: 1,
    url: 'https://rates.example/',
    pairs: [{ base: 'USD', quote: 'TWD', path: 'TWD' }],
  },
  createExchangeQuote: { amount: '1.00', currency: 'USD', settleCurrency: 'EUR' },
  putBalanceAllowance: { mode: 'test', currency: 'USD', amount: '5.00', reason: 'known well', version: 0 },
  changeFeePlan: { version: 1, terms: { tiers: [{ percent: '2.9' }] } },
  rotateCallbackSecret: undefined,
  createCustomer: { name: 'Ms Lin' },
  sendMessage: {
    ...{ serviceTypePreference: ['EMAIL_PROVIDER_PRIMARY'], recipient: 'tea@example.com' },
    ...{ subject: 'Welcome', body: 'Here is your tea.' },
  },
  retryMessage: {},
  createChannel: {
    ...{
      channel: 'kpay',
      mode: 'test',
      name: 'Another',
      baseUrl: 'https://kpay.example',
      currencies: ['USD'],
    },
    credentials: { merchantId: 'M1', apiSecret: 'one', webhookSecret: 'two' },
  },
  changeChannel: { name: 'Another', baseUrl: 'https://kpay.example', currencies: ['USD'] },
  switchChannel: { to: 'off', reason: 'they called' },
  rollBackChannel: { toVersion: 1 },
  putRoutingRules: { mode: 'test', document: {} },
  rollBackRoutingRules: { mode: 'test', toVersion: 1 },
  simulateRouting: { mode: 'test', document: {} },
  retryQueuedPayment: { reason: 'it is back' },
  cancelQueuedPayment: { reason: 'nobody waits' },
  submitEvidence: { text: 'It was signed for.' },
  createService: {
    ...{ name: 'DATA_LAKE', serviceType: 'STORAGE_SERVICE', kind: 'HTTP_ENDPOINT' },
    configurations: { baseUrl: 'https://lake.example' },
  },
  changeService: { configurations: { baseUrl: 'https://lake.example' } },
  enableService: {},
  disableService: {},
  rollBackService: { toVersion: 1 },
  testServiceConnection: {},
};

let api: TestApi;
let owner: TestMerchant;
let stranger: TestMerchant;
let objects: Record<string, string>;

beforeAll(async () => {
  api = await startTestApi();
  owner = await api.addMerchant('Owner');
  stranger = await api.addMerchant('Stranger');
  await api.addChannel();
  const setUp = await api.call('PUT', `/api/v1/merchants/${owner.publicId}/payment-config`, {
    key: owner.testKey,
    body: { currencies: ['USD'], channels: ['kpay'], callbackUrl: 'https://owner.example/callback' },
  });
  expect(setUp.status).toBe(200);
  const paymentId = await insertPayment(api.database, { merchantId: owner.id, orderId: 'owner-1' });
  const customer = await api.call('POST', '/api/v1/customers', {
    key: owner.testKey,
    body: { name: 'Ms Lin' },
  });
  const { rows } = await api.database.query<{ id: string }>(
    'select id from api_keys where merchant_id = $1',
    [owner.id],
  );
  objects = {
    merchantId: owner.publicId,
    keyId: publicId('apiKey', rows[0]?.id ?? ''),
    id: publicId('payment', paymentId),
    customerId: (customer.body as { id: string }).id,
    methodId: await addSavedMethod(api, customer.body as { id: string }),
  };
});
afterAll(() => api.stop());

function call(route: Route, key?: string, values = objects): Promise<Reply> {
  const path = fullPath(route).replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? `no-${name}`);
  return api.call(route.method.toUpperCase(), path, { key, body: bodies[route.operationId] });
}

const everyRoute = guarded.map((route) => [route.operationId, route] as const);

it('there is something to walk over, and every writing route has a body', () => {
  expect(guarded.length).toBeGreaterThan(9);
  for (const route of guarded) {
    if (route.body !== undefined) expect(bodies).toHaveProperty(route.operationId);
  }
});

describe.each(everyRoute)('%s', (_name, route) => {
  it('without a key: 401', async () => {
    const reply = await call(route);
    expect([reply.status, reply.body]).toMatchObject([401, { error: { code: 'authentication_required' } }]);
    expect(reply.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('with a key nobody has, or no key at all: 401', async () => {
    for (const key of [newApiKey('test').text, newApiKey('admin').text, 'nonsense', "' or 1=1 --"]) {
      const reply = await call(route, key);
      expect([reply.status, reply.body]).toMatchObject([401, { error: { code: 'api_key_invalid' } }]);
    }
  });

  it('with the key of the other role, where it has one: 403', async () => {
    if (route.auth === 'either') return;
    const reply = await call(route, route.auth === 'admin' ? owner.testKey : api.operatorKey);
    expect([reply.status, reply.body]).toMatchObject([403, { error: { code: 'permission_denied' } }]);
  });

  it("another merchant's object is not there", async () => {
    if (route.auth === 'admin' || !route.path.includes('{')) return;
    for (const key of [stranger.testKey, stranger.liveKey]) {
      const reply = await call(route, key);
      expect([reply.status, reply.body]).toMatchObject([404, { error: { code: 'not_found' } }]);
    }
  });

  it('an id that can not be is not there either', async () => {
    if (!route.path.includes('{')) return;
    const key = route.auth === 'admin' ? api.operatorKey : owner.testKey;
    for (const value of ['x', 'mer_00', "mer_' or 1=1 --", publicId('merchant', stranger.id)]) {
      const values = {
        ...{ merchantId: value, keyId: value, id: value, eventId: value, disputeId: value },
        ...{ customerId: value, methodId: value },
      };
      if (route.auth === 'admin' && value === publicId('merchant', stranger.id)) continue;
      expect((await call(route, key, values)).status).toBe(404);
    }
  });
});

it("the owner's live key does not reach its test objects, and the other way round", async () => {
  const reply = await api.call('GET', `/api/v1/payments/${objects.id}`, { key: owner.liveKey });
  expect(reply.status).toBe(404);
  const own = await api.call('GET', `/api/v1/payments/${objects.id}`, { key: owner.testKey });
  expect(own.status).toBe(200);
  for (const path of ['payment-config', 'transactions']) {
    const crossed = await api.call('GET', `/api/v1/merchants/${owner.publicId}/${path}?mode=live`, {
      key: owner.testKey,
    });
    expect([crossed.status, crossed.body]).toMatchObject([403, { error: { param: 'mode' } }]);
  }
});

it('a refused stranger has changed nothing', async () => {
  const { rows } = await api.database.query<{ version: number }>(
    'select version from payment_configs where merchant_id = $1',
    [owner.id],
  );
  expect(rows).toEqual([{ version: 1 }]);
});

it('a revoked key opens nothing, at the latest a second later; a new one does', async () => {
  const merchant = await api.addMerchant('Revoked');
  const path = `/api/v1/merchants/${merchant.publicId}`;
  expect((await api.call('GET', path, { key: merchant.testKey })).status).toBe(200);
  const keys = await api.call('GET', `/api/v1/admin/merchants/${merchant.publicId}/keys`, {
    key: api.operatorKey,
  });
  for (const { id } of (keys.body as { data: { id: string }[] }).data) {
    const revoked = await api.call('DELETE', `/api/v1/admin/merchants/${merchant.publicId}/keys/${id}`, {
      key: api.operatorKey,
    });
    expect(revoked.body).toMatchObject({ id, revokedAt: expect.any(String) as string });
  }
  // The live key was never used, so nothing can remember it.
  const fresh = await api.call('GET', path, { key: merchant.liveKey });
  expect([fresh.status, fresh.body]).toMatchObject([401, { error: { code: 'api_key_revoked' } }]);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  for (const route of guarded.filter(({ auth }) => auth !== 'admin')) {
    const reply = await call(route, merchant.testKey);
    expect([reply.status, reply.body]).toMatchObject([401, { error: { code: 'api_key_revoked' } }]);
  }
  const made = await api.call('POST', `/api/v1/admin/merchants/${merchant.publicId}/keys`, {
    key: api.operatorKey,
    body: { mode: 'test' },
  });
  expect((await api.call('GET', path, { key: (made.body as { key: string }).key })).status).toBe(200);
});

it('a suspended merchant can read, and change nothing', async () => {
  const merchant = await api.addMerchant('Suspended');
  const suspended = await api.call('POST', `/api/v1/admin/merchants/${merchant.publicId}/suspend`, {
    key: api.operatorKey,
    body: bodies.suspendMerchant,
  });
  expect(suspended.status).toBe(200);
  const values = { ...objects, merchantId: merchant.publicId };
  for (const route of guarded.filter(({ auth }) => auth !== 'admin')) {
    const reply = await call(route, merchant.testKey, values);
    // 400: reading that needs a question in its query was let in, and asked for it.
    if (route.method === 'get') expect([200, 400, 404]).toContain(reply.status);
    else expect([reply.status, reply.body]).toMatchObject([403, { error: { code: 'merchant_suspended' } }]);
  }
});

it('the key may come as the user name of Basic', async () => {
  const basic = Buffer.from(`${owner.testKey}:`).toString('base64');
  const headers = { authorization: `Basic ${basic}` };
  expect((await api.call('GET', `/api/v1/merchants/${owner.publicId}`, { headers })).status).toBe(200);
});

it('no key is kept in clear, and none is in the log', async () => {
  const { rows } = await api.database.query<{ row: string }>(
    'select row_to_json(k)::text as row from api_keys k',
  );
  const stored = rows.map(({ row }) => row).join('\n') + api.logLines.join('\n');
  for (const key of [owner.testKey, owner.liveKey, api.operatorKey]) {
    expect(stored).not.toContain(key);
    expect(stored).not.toContain(key.split('_').pop());
  }
});
