import { z } from 'zod';
import { defineRoute } from '../../../api/route';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

/** A route that writes what it gets, to see what does and what does not come through. */
const seen: unknown[] = [];
const echo = defineRoute({
  operationId: 'echo',
  method: 'post',
  path: '/echo/{name}',
  tag: 'Test',
  summary: 'Says what it got',
  auth: 'either',
  params: z.strictObject({ name: z.string() }),
  body: z.strictObject({
    text: z.string().optional(),
    count: z.int().optional(),
    orderId: z.string().optional(),
    nested: z.strictObject({ items: z.array(z.strictObject({ name: z.string() })) }).optional(),
    free: z.record(z.string(), z.unknown()).optional(),
  }),
  responses: { 200: { description: 'It.', body: z.object({ ok: z.boolean() }) } },
  errors: [],
  handler: async ({ body }) => {
    seen.push(body);
    return { status: 200, body: { ok: true } };
  },
});

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi({ extraRoutes: () => [echo] });
  merchant = await api.addMerchant();
});
afterAll(() => api.stop());
beforeEach(() => {
  seen.length = 0;
});

const post = (raw: string | Buffer, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/v1/echo/x', { key: merchant.testKey, raw, headers });

it('lets a good body through', async () => {
  const reply = await post('{"text":"tea","count":2,"nested":{"items":[{"name":"cup"}]}}');
  expect(reply.status).toBe(200);
  expect(seen).toEqual([{ text: 'tea', count: 2, nested: { items: [{ name: 'cup' }] } }]);
});

describe.each([
  ['broken JSON', '{"text":', 400, 'body_invalid_json', undefined],
  ['text after JSON', '{} x', 400, 'body_invalid_json', undefined],
  ['a key twice', '{"text":"a","text":"b"}', 400, 'body_invalid_json', undefined],
  ['an array', '[]', 400, 'body_invalid_json', undefined],
  ['a number', '7', 400, 'body_invalid_json', undefined],
  ['null', 'null', 400, 'body_invalid_json', undefined],
  ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'body_invalid_json', undefined],
  [
    'deep nesting',
    '{"free":' + '['.repeat(30_000) + ']'.repeat(30_000) + '}',
    400,
    'body_invalid_json',
    undefined,
  ],
  ['an unknown field', '{"texd":"a"}', 400, 'parameter_unknown', 'texd'],
  [
    'an unknown field inside',
    '{"nested":{"items":[{"name":"a","nam":1}]}}',
    400,
    'parameter_unknown',
    'nested.items[0].nam',
  ],
  ['__proto__', '{"__proto__":{"text":"a"}}', 400, 'parameter_unknown', '__proto__'],
  ['constructor', '{"constructor":{"prototype":{"x":1}}}', 400, 'parameter_unknown', 'constructor'],
  ['a missing field inside', '{"nested":{"items":[{}]}}', 400, 'parameter_missing', 'nested.items[0].name'],
  ['a wrong type', '{"text":1}', 400, 'parameter_invalid', 'text'],
  [
    'a wrong type inside',
    '{"nested":{"items":[{"name":"a"},{"name":[]}]}}',
    400,
    'parameter_invalid',
    'nested.items[1].name',
  ],
  ['a fraction for a count', '{"count":1.5}', 400, 'parameter_invalid', 'count'],
  ['a number no double holds', '{"count":9007199254740993}', 400, 'parameter_invalid', 'count'],
  ['a NUL', '{"text":"a\\u0000"}', 400, 'parameter_invalid', 'text'],
  ['half a character', '{"text":"\\ud800"}', 400, 'parameter_invalid', 'text'],
  ['too much', JSON.stringify({ text: 'x'.repeat(65_536) }), 413, 'body_too_large', undefined],
  ['a card number', '{"text":"4242 4242 4242 4242"}', 422, 'card_number_refused', 'text'],
  ['a card number as a number', '{"count":4242424242424242}', 422, 'card_number_refused', 'count'],
  ['a long card number as a number', '{"count":4000000000000000006}', 422, 'card_number_refused', 'count'],
  [
    'a card number deep inside',
    '{"free":{"a":[{"b":"x 5555-5555-5555-4444 y"}]}}',
    422,
    'card_number_refused',
    'free.a[0].b',
  ],
  ['a card number as a key', '{"free":{"4242424242424242":1}}', 422, 'card_number_refused', 'free'],
  ['a card number in an unknown field', '{"card":"378282246310005"}', 422, 'card_number_refused', 'card'],
  [
    'a card number in an orderId that is not one',
    '{"free":{"orderId":"4242424242424242"}}',
    422,
    'card_number_refused',
    'free.orderId',
  ],
])('%s', (_name, raw, status, code, param) => {
  it(`is ${code}`, async () => {
    const reply = await post(raw);
    expect(reply.body).toMatchObject({ error: { code, ...(param === undefined ? {} : { param }) } });
    expect(reply.status).toBe(status);
    expect(seen).toEqual([]);
  });
});

it('an orderId of card digits is an orderId', async () => {
  expect((await post('{"orderId":"4242424242424242"}')).status).toBe(200);
});

it.each([
  ['text/plain'],
  ['application/x-www-form-urlencoded'],
  ['multipart/form-data; boundary=x'],
  ['application/json; charset=latin1'],
  ['application/jsonp'],
])('content type %s is refused', async (type) => {
  const reply = await post('{"text":"a"}', { 'content-type': type });
  expect(reply.status).toBe(415);
  expect(reply.body).toMatchObject({ error: { code: 'content_type_unsupported' } });
});

it('a compressed body is refused: what it unpacks to has no limit', async () => {
  const reply = await post('{"text":"a"}', { 'content-encoding': 'gzip' });
  expect(reply.status).toBe(415);
});

it('application/json with utf-8, and +json, are taken', async () => {
  expect((await post('{}', { 'content-type': 'application/json; charset=UTF-8' })).status).toBe(200);
  expect((await post('{}', { 'content-type': 'application/merge-patch+json' })).status).toBe(200);
});

it('unknown query parameters are refused', async () => {
  const reply = await api.call('POST', '/api/v1/echo/x?dry=1', { key: merchant.testKey, body: {} });
  expect(reply.body).toMatchObject({ error: { code: 'parameter_unknown', param: 'dry' } });
});

it('an unknown address, a wrong method, a broken path', async () => {
  const unknown = await api.call('GET', '/api/v1/nothing', { key: merchant.testKey });
  expect([unknown.status, unknown.body]).toMatchObject([404, { error: { code: 'route_unknown' } }]);
  const wrong = await api.call('PUT', '/api/v1/echo/x', { key: merchant.testKey, body: {} });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  expect(wrong.body).toMatchObject({ error: { code: 'method_not_allowed' } });
  const broken = await api.call('POST', '/api/v1/echo/%ZZ', { key: merchant.testKey, body: {} });
  expect([broken.status, broken.body]).toMatchObject([404, { error: { code: 'route_unknown' } }]);
});

it('a NUL in an address finds nothing, in a query it is refused', async () => {
  const path = await api.call('GET', '/api/v1/payments/%00', { key: merchant.testKey });
  expect([path.status, path.body]).toMatchObject([404, { error: { code: 'not_found' } }]);
  const query = await api.call(
    'GET',
    `/api/v1/merchants/${merchant.publicId}/transactions?startingAfter=a%00`,
    {
      key: merchant.testKey,
    },
  );
  expect([query.status, query.body]).toMatchObject([400, { error: { param: 'startingAfter' } }]);
});

it('every answer has a request id; a sane one of the caller is kept', async () => {
  const own = await post('{}', { 'request-id': 'order-17.try:2' });
  expect(own.headers.get('request-id')).toBe('order-17.try:2');
  const error = await api.call('GET', '/nowhere', { headers: { 'request-id': 'x' } });
  expect(error.headers.get('request-id')).toMatch(/^req_[0-9a-f-]{36}$/);
  expect(error.body).toMatchObject({ error: { requestId: error.headers.get('request-id') } });
});

it('answers carry security headers, and do not say what serves them', async () => {
  const { headers } = await post('{}');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('strict-transport-security')).toContain('max-age');
});

it('nothing refused, and no secret, is in the log', async () => {
  await post('{"text":"4242 4242 4242 4242"}');
  await post('{"free":{"4242424242424242":1}}');
  await post('{"texd":"my-secret-text"}');
  await api.call('POST', '/api/v1/echo/x', { key: 'dp_test_wrong', body: { text: 'my-secret-text' } });
  await api.call('GET', '/api/v1/nothing/4242424242424242?card=4242424242424242', { key: merchant.testKey });
  const log = api.logLines.join('');
  expect(log).toContain('"operation":"echo"');
  expect(log).toContain('"status":422');
  for (const secret of [
    '4242 4242',
    '42424242',
    'my-secret-text',
    merchant.testKey,
    merchant.testKey.slice(20),
    'dp_test_wrong',
  ]) {
    expect(log).not.toContain(secret);
  }
});

describe('what fits the reference and not the database', () => {
  it.each(['payments', 'refunds', 'disputes', 'webhooks/received'])(
    'a list of %s from before there were computers',
    async (list) => {
      const path = `/api/v1/${list}?from=0020-02-29T00:00:00Z`;
      expect((await api.call('GET', path, { key: merchant.testKey })).status).toBe(200);
    },
  );

  const configuration = { currencies: ['USD'], channels: ['kpay'] };
  const put = (body: object) =>
    api.call('PUT', `/api/v1/merchants/${merchant.publicId}/payment-config?mode=test`, {
      key: merchant.testKey,
      body: { ...configuration, ...body },
    });

  it('an address that grows too long when it is written down', async () => {
    await api.addChannel();
    const callbackUrl = 'https://shop.example?'.padEnd(2_048, 'a');
    expect((await put({ callbackUrl: callbackUrl.slice(0, -1) })).status).toBe(200);
    expect(await put({ version: 1, callbackUrl })).toMatchObject({
      status: 400,
      body: { error: { param: 'callbackUrl' } },
    });
  });

  it.each(['\u0084', 'AAAA'.repeat(350_000)])('a document that is none, %#', async (content) => {
    const reply = await api.call('POST', `/api/v1/disputes/dsp_${'0'.repeat(32)}/evidence`, {
      key: merchant.testKey,
      body: { document: { name: 'tea', contentType: 'image/png', content } },
    });
    expect(reply).toMatchObject({ status: 400, body: { error: { param: 'document.content' } } });
  });

  it('a version that no column holds', async () => {
    expect(await put({ version: 2 ** 31 })).toMatchObject({
      status: 400,
      body: { error: { param: 'version' } },
    });
  });
});
