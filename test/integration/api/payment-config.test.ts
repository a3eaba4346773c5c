import { createHmac } from 'node:crypto';
import { newId } from '../../../db/ids';
import { endpointSecretPlace, loadCallbackEndpoint } from '../../../db/stores/callback-endpoint-store';
import { endpointForPayment } from '../../../db/stores/webhook-endpoints-store';
import { parsePublicId, publicId } from '../../../domain/ids';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

let api: TestApi;
let merchant: TestMerchant;
let kpay: string;
let other: string;

beforeAll(async () => {
  api = await startTestApi();
  kpay = await api.addChannel();
  other = await api.addChannel({ channel: 'ecpay', currencies: ['TWD'] });
  await api.addChannel({ mode: 'live' });
});
afterAll(() => api.stop());
beforeEach(async () => {
  merchant = await api.addMerchant();
});

const put = (body: unknown, options: { key?: string; query?: string } = {}) =>
  api.call('PUT', `/api/v1/merchants/${merchant.publicId}/payment-config${options.query ?? ''}`, {
    key: options.key ?? merchant.testKey,
    body,
  });
const get = (query = '', key = merchant.testKey) =>
  api.call('GET', `/api/v1/merchants/${merchant.publicId}/payment-config${query}`, { key });

const base = { currencies: ['USD', 'EUR'], channels: ['kpay'] };

it('is set and read by the merchant itself', async () => {
  expect((await get()).status).toBe(404);
  const reply = await put({
    ...base,
    callbackUrl: 'https://shop.example/callback',
    expiresInSeconds: 600,
    limits: { USD: { min: '1.00', max: 5000 } },
  });
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({
    object: 'payment_config',
    merchantId: merchant.publicId,
    mode: 'test',
    version: 1,
    currencies: ['USD', 'EUR'],
    channels: [kpay],
    callbackUrl: 'https://shop.example/callback',
    expiresInSeconds: 600,
    limits: { USD: { min: '1.00', max: '5000.00' } },
    callbackSecret: expect.stringMatching(/^whsec_[0-9A-Za-z]{43}$/) as string,
  });
  const { callbackSecret: _shownOnce, ...rest } = reply.body as Record<string, unknown>;
  expect((await get()).body).toEqual(rest);
});

it('is set by an operator, who says for which mode', async () => {
  expect((await put(base, { key: api.operatorKey })).body).toMatchObject({
    error: { code: 'parameter_missing', param: 'mode' },
  });
  const reply = await put(base, { key: api.operatorKey, query: '?mode=live' });
  expect(reply.body).toMatchObject({ mode: 'live', version: 1 });
  expect((await get()).status).toBe(404);
  expect((await get('', merchant.liveKey)).body).toMatchObject({ mode: 'live' });
});

it('shows the signing secret once per address, and keeps it encrypted', async () => {
  const first = (await put({ ...base, callbackUrl: 'https://shop.example/a' })).body as Record<
    string,
    string
  >;
  const second = (await put({ ...base, version: 1, callbackUrl: 'https://shop.example/b' })).body as Record<
    string,
    string
  >;
  const back = (await put({ ...base, version: 2, callbackUrl: 'https://shop.example/a' })).body as Record<
    string,
    string
  >;
  expect(first.callbackSecret).not.toBe(second.callbackSecret);
  expect([back.callbackSecret, back.callbackEndpointId]).toEqual([null, first.callbackEndpointId]);
  const id = parsePublicId('webhookEndpoint', first.callbackEndpointId ?? '') ?? '';
  const { rows } = await api.database.query<{ secret: Buffer }>(
    'select secret from webhook_endpoints where id = $1',
    [id],
  );
  expect(rows[0]?.secret.includes(first.callbackSecret ?? '')).toBe(false);
  expect(api.secretBox.openText(rows[0]?.secret ?? Buffer.alloc(0), endpointSecretPlace(id))).toBe(
    first.callbackSecret,
  );
});

it('gives a new secret on request; the old one signs along for a day', async () => {
  const path = `/api/v1/merchants/${merchant.publicId}/payment-config/callback-secret`;
  expect((await api.call('POST', path, { key: merchant.testKey })).status).toBe(404);
  const set = (await put({ ...base, callbackUrl: 'https://shop.example/a' })).body as Record<string, string>;
  const rotated = await api.call('POST', path, { key: merchant.testKey });
  expect(rotated.status).toBe(201);
  const { callbackSecret, previousSecretUntil } = rotated.body as Record<string, string>;
  expect(callbackSecret).not.toBe(set.callbackSecret);
  expect(new Date(previousSecretUntil ?? '').getTime() - Date.now()).toBeGreaterThan(86_000_000);

  const id = parsePublicId('webhookEndpoint', set.callbackEndpointId ?? '') ?? '';
  const { rows } = await api.database.query<{ secret: Buffer; previous_secret: Buffer }>(
    'select secret, previous_secret from webhook_endpoints where id = $1',
    [id],
  );
  const opened = [rows[0]?.secret, rows[0]?.previous_secret].map((sealed) =>
    api.secretBox.openText(sealed ?? Buffer.alloc(0), endpointSecretPlace(id)),
  );
  expect(opened).toEqual([callbackSecret, set.callbackSecret]);
  // The whole text is the key: what a merchant copies is what it verifies with.
  expect(
    createHmac('sha256', opened[0] ?? '')
      .update('x')
      .digest('hex'),
  ).toHaveLength(64);
});

it('the usual address that came with a payment first is signed like the one before it, and that secret is renewed', async () => {
  const path = `/api/v1/merchants/${merchant.publicId}/payment-config/callback-secret`;
  const first = (await put({ ...base, callbackUrl: 'https://shop.example/a' })).body as Record<
    string,
    string
  >;
  const usual = parsePublicId('webhookEndpoint', first.callbackEndpointId ?? '') ?? '';
  const url = 'https://shop.example/of-a-payment';
  const of = { id: newId(), merchantId: merchant.id, mode: 'test', url, secretOf: usual } as const;
  await endpointForPayment(api.database, of);
  const now = await put({ ...base, version: 1, callbackUrl: url });
  expect(now.body).toMatchObject({
    callbackEndpointId: publicId('webhookEndpoint', of.id),
    callbackSecret: null,
  });

  const rotated = await api.call('POST', path, { key: merchant.testKey });
  expect([rotated.status, rotated.body]).toMatchObject([
    201,
    { callbackEndpointId: first.callbackEndpointId },
  ]);
  const { callbackSecret } = rotated.body as Record<string, string>;
  const signing = await loadCallbackEndpoint(api.database, of.id);
  const opened = [signing?.secret, signing?.previous?.secret].map((sealed) =>
    api.secretBox.openText(sealed ?? Buffer.alloc(0), endpointSecretPlace(usual)),
  );
  expect(opened).toEqual([callbackSecret, first.callbackSecret]);
});

it('the same request for a new secret, after a crash that swallowed its answer, makes no second one', async () => {
  const path = `/api/v1/merchants/${merchant.publicId}/payment-config/callback-secret`;
  const set = (await put({ ...base, callbackUrl: 'https://shop.example/b' })).body as Record<string, string>;
  const ask = (key: string) =>
    api.call('POST', path, { key: merchant.testKey, headers: { 'idempotency-key': key } });
  const first = await ask('rotate-once');
  // The process died after the new secret was written, and before its answer was.
  await api.database.query(
    `update idempotency_keys set response_status = null, response_body = null, locked_until = null where key = 'rotate-once'`,
  );
  const again = await ask('rotate-once');
  expect([again.status, again.body]).toEqual([201, first.body]);
  const id = parsePublicId('webhookEndpoint', set.callbackEndpointId ?? '') ?? '';
  const { rows } = await api.database.query<{ previous_secret: Buffer }>(
    'select previous_secret from webhook_endpoints where id = $1',
    [id],
  );
  expect(api.secretBox.openText(rows[0]?.previous_secret ?? Buffer.alloc(0), endpointSecretPlace(id))).toBe(
    set.callbackSecret,
  );
  expect((await ask('rotate-twice')).body).not.toEqual(first.body);
});

it('a write from an old version is refused, and changes nothing', async () => {
  expect((await put({ ...base, version: 1 })).status).toBe(409);
  expect((await put({ ...base, version: 0 })).body).toMatchObject({ version: 1 });
  expect((await put({ ...base, version: 0 })).status).toBe(409);
  expect((await put({ ...base, version: 1 })).body).toMatchObject({ version: 2 });
  const refused = await put({
    currencies: ['USD'],
    channels: ['kpay'],
    version: 1,
    callbackUrl: 'https://new.example/',
  });
  expect([refused.status, refused.body]).toMatchObject([
    409,
    { error: { code: 'version_conflict', param: 'version' } },
  ]);
  expect((await get()).body).toMatchObject({ version: 2, currencies: ['USD', 'EUR'], callbackUrl: null });
  const { rows } = await api.database.query('select 1 from webhook_endpoints where merchant_id = $1', [
    merchant.id,
  ]);
  expect(rows).toEqual([]);
});

it('nobody replaces what they do not say that they have read, operators neither', async () => {
  expect((await put(base)).body).toMatchObject({ version: 1 });
  const before = (await get()).body;
  for (const how of [{}, { key: api.operatorKey, query: '?mode=test' }]) {
    const refused = await put({ ...base, currencies: ['USD'], callbackUrl: 'https://new.example/' }, how);
    expect([refused.status, refused.body]).toMatchObject([
      428,
      {
        error: {
          code: 'version_required',
          param: 'version',
          message: expect.stringMatching(/Read it.*send its/) as string,
        },
      },
    ]);
  }
  expect((await get()).body).toEqual(before);
  const { rows } = await api.database.query('select 1 from webhook_endpoints where merchant_id = $1', [
    merchant.id,
  ]);
  expect(rows).toEqual([]);
  // The other mode has none yet.
  expect((await put(base, { key: merchant.liveKey })).body).toMatchObject({ mode: 'live', version: 1 });
});

it('of two writes from one version, one wins', async () => {
  await put(base);
  const replies = await Promise.all(Array.from({ length: 4 }, () => put({ ...base, version: 1 })));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
});

it('of two first writes, one wins, and the other is told to read it', async () => {
  const replies = await Promise.all(Array.from({ length: 4 }, () => put(base)));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 428, 428, 428]);
  expect((await get()).body).toMatchObject({ version: 1 });
});

it.each([
  [{ ...base, currencies: [] }, 'parameter_invalid', 'currencies'],
  [{ ...base, currencies: ['usd'] }, 'currency_unknown', 'currencies[0]'],
  [{ ...base, currencies: ['USD', 'USD'] }, 'parameter_invalid', 'currencies[1]'],
  [{ ...base, currencies: ['USD', 'JPY'] }, 'parameter_invalid', 'currencies[1]'],
  [{ ...base, channels: [] }, 'parameter_invalid', 'channels'],
  [{ ...base, channels: ['kpay', 'nopay'] }, 'parameter_invalid', 'channels[1]'],
  [{ currencies: ['USD'] }, 'parameter_missing', 'channels'],
  [{ ...base, callbackUrl: 'shop' }, 'parameter_invalid', 'callbackUrl'],
  [{ ...base, callbackUrl: 'ftp://shop.example/' }, 'parameter_invalid', 'callbackUrl'],
  [{ ...base, callbackUrl: 'https://user:word@shop.example/' }, 'parameter_invalid', 'callbackUrl'],
  [{ ...base, callbackUrl: 'https://shop.example/#x' }, 'parameter_invalid', 'callbackUrl'],
  [{ ...base, expiresInSeconds: 0 }, 'parameter_invalid', 'expiresInSeconds'],
  [{ ...base, expiresInSeconds: 2_592_001 }, 'parameter_invalid', 'expiresInSeconds'],
  [{ ...base, limits: { JPY: { min: '1' } } }, 'parameter_invalid', 'limits.JPY'],
  [{ ...base, limits: { QQQ: { min: '1' } } }, 'currency_unknown', 'limits.QQQ'],
  [{ ...base, limits: { USD: { min: '0.001' } } }, 'amount_too_precise', 'limits.USD.min'],
  [{ ...base, limits: { USD: { max: '-1' } } }, 'amount_not_positive', 'limits.USD.max'],
  [{ ...base, limits: { USD: { max: 'lots' } } }, 'amount_invalid', 'limits.USD.max'],
  [{ ...base, limits: { USD: { min: '2', max: '1' } } }, 'parameter_invalid', 'limits.USD.max'],
  [{ ...base, limits: { USD: { most: '1' } } }, 'parameter_unknown', 'limits.USD.most'],
  [{ ...base, expiry: 1 }, 'parameter_unknown', 'expiry'],
])('%j is refused', async (body, code, param) => {
  const reply = await put(body);
  expect([reply.status, reply.body]).toMatchObject([400, { error: { code, param } }]);
  expect((await get()).status).toBe(404);
});

it('channels are chosen by id or by name, of the own mode only', async () => {
  const both = await put({ currencies: ['TWD', 'USD'], channels: [other, 'kpay'] });
  expect(both.body).toMatchObject({ channels: [other, kpay] });
  const crossed = await put({ ...base, channels: [kpay] }, { key: merchant.liveKey });
  expect(crossed.body).toMatchObject({ error: { param: 'channels[0]' } });
});

it('live callbacks go over https', async () => {
  const reply = await put({ ...base, callbackUrl: 'http://shop.example/' }, { key: merchant.liveKey });
  expect(reply.body).toMatchObject({ error: { code: 'parameter_invalid', param: 'callbackUrl' } });
  expect((await put({ ...base, callbackUrl: 'http://shop.example/' })).status).toBe(200);
});
