import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { anOrder, startPlatform, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ settings: { API_BODY_BYTES_MAX: '4096' } });
});
afterAll(() => platform?.close());

const tables = [
  'payment_keys',
  'payments',
  'payment_attempts',
  'payment_events',
  'provider_charges',
  'ledger_journals',
  'webhook_inbox',
  'outbox',
];

async function rowsWritten(): Promise<Record<string, number>> {
  const counts = await Promise.all(
    tables.map((table) => platform.database.query<{ n: number }>(`select count(*)::int as n from ${table}`)),
  );
  return Object.fromEntries(tables.map((table, index) => [table, counts[index]?.rows[0]?.n ?? -1]));
}

const workflowsOfPayments = async () =>
  (await platform.temporal.workflow.count(`TaskQueue = "${platform.queues.payments}"`)).count;

const good = { amount: '100.50', currency: 'USD', description: 'Two tins of tea' };
const orderOf = (over: object) => JSON.stringify({ ...good, orderId: anOrder().orderId, ...over });
const numberOf = (digits: string) => orderOf({ amount: 1 }).replace('"amount":1', `"amount":${digits}`);

interface BadRequest {
  what: string;
  body: string;
  status: number;
  code: string;
  param?: string;
  headers?: Record<string, string>;
}

const badRequests: BadRequest[] = [
  {
    what: 'an unknown currency',
    body: orderOf({ currency: 'XYZ' }),
    status: 400,
    code: 'currency_unknown',
    param: 'currency',
  },
  {
    what: 'a currency in small letters',
    body: orderOf({ currency: 'usd' }),
    status: 400,
    code: 'currency_unknown',
    param: 'currency',
  },
  {
    what: 'a currency the merchant does not take',
    body: orderOf({ currency: 'JPY', amount: '100' }),
    status: 422,
    code: 'currency_not_enabled',
  },
  {
    what: 'too many decimals',
    body: orderOf({ amount: '1.005' }),
    status: 400,
    code: 'amount_too_precise',
    param: 'amount',
  },
  {
    what: 'decimals in a currency that has none',
    body: orderOf({ amount: '1.5', currency: 'JPY' }),
    status: 400,
    code: 'amount_too_precise',
    param: 'amount',
  },
  {
    what: 'a negative amount',
    body: orderOf({ amount: '-1.00' }),
    status: 400,
    code: 'amount_not_positive',
    param: 'amount',
  },
  {
    what: 'a negative number',
    body: orderOf({ amount: -1 }),
    status: 400,
    code: 'amount_not_positive',
    param: 'amount',
  },
  {
    what: 'zero',
    body: orderOf({ amount: '0.00' }),
    status: 400,
    code: 'amount_not_positive',
    param: 'amount',
  },
  {
    what: 'a number that is not exact',
    body: numberOf('9007199254740993'),
    status: 400,
    code: 'amount_not_exact',
    param: 'amount',
  },
  {
    what: 'a number finer than the currency',
    body: numberOf('0.1000000000000000055511151231257827'),
    status: 400,
    code: 'amount_too_precise',
    param: 'amount',
  },
  {
    what: 'an absurdly large amount',
    body: orderOf({ amount: '9'.repeat(60) }),
    status: 400,
    code: 'amount_too_large',
    param: 'amount',
  },
  {
    what: 'an exponent',
    body: orderOf({ amount: '1e3' }),
    status: 400,
    code: 'amount_invalid',
    param: 'amount',
  },
  {
    what: 'an amount in words',
    body: orderOf({ amount: 'ten' }),
    status: 400,
    code: 'amount_invalid',
    param: 'amount',
  },
  {
    what: 'no amount',
    body: orderOf({ amount: undefined }),
    status: 400,
    code: 'parameter_missing',
    param: 'amount',
  },
  {
    what: 'a card number as the description',
    body: orderOf({ description: 'card 4242 4242 4242 4242' }),
    status: 422,
    code: 'card_number_refused',
    param: 'description',
  },
  {
    what: 'a card number deep in the body',
    body: orderOf({ metadata: { note: '5555555555554444' } }),
    status: 422,
    code: 'card_number_refused',
    param: 'metadata.note',
  },
  {
    what: 'a card number as a key',
    body: orderOf({ metadata: { '378282246310005': 'x' } }),
    status: 422,
    code: 'card_number_refused',
  },
  {
    what: 'a card number as a number',
    body: numberOf('4242424242424242'),
    status: 422,
    code: 'card_number_refused',
    param: 'amount',
  },
  {
    what: 'a card number in a field that is not known',
    body: orderOf({ cardNumber: '4242424242424242' }),
    status: 422,
    code: 'card_number_refused',
    param: 'cardNumber',
  },
  {
    what: 'an unknown field',
    body: orderOf({ ammount: '1.00' }),
    status: 400,
    code: 'parameter_unknown',
    param: 'ammount',
  },
  {
    what: 'no orderId',
    body: JSON.stringify(good),
    status: 400,
    code: 'parameter_missing',
    param: 'orderId',
  },
  {
    what: 'an orderId that begins like a payment id',
    body: orderOf({ orderId: 'pay_1' }),
    status: 400,
    code: 'parameter_invalid',
    param: 'orderId',
  },
  {
    what: 'an orderId with a slash',
    body: orderOf({ orderId: 'a/b' }),
    status: 400,
    code: 'parameter_invalid',
    param: 'orderId',
  },
  {
    what: 'an orderId that is too long',
    body: orderOf({ orderId: 'x'.repeat(65) }),
    status: 400,
    code: 'parameter_invalid',
    param: 'orderId',
  },
  {
    what: 'a channel that is not there',
    body: orderOf({ provider: 'cowrie' }),
    status: 422,
    code: 'channel_not_available',
  },
  {
    what: 'a returnUrl that runs script',
    body: orderOf({ returnUrl: 'javascript:alert(1)' }),
    status: 400,
    code: 'parameter_invalid',
    param: 'returnUrl',
  },
  { what: 'broken JSON', body: '{"orderId":', status: 400, code: 'body_invalid_json' },
  { what: 'a list', body: '[]', status: 400, code: 'body_invalid_json' },
  {
    what: 'the same key twice',
    body: orderOf({}).replace('{', '{"amount":"1.00",'),
    status: 400,
    code: 'body_invalid_json',
  },
  { what: 'an empty body', body: '', status: 400, code: 'parameter_missing' },
  {
    what: 'a body over the limit',
    body: orderOf({ description: 'x'.repeat(5_000) }),
    status: 413,
    code: 'body_too_large',
  },
  {
    what: 'a form',
    body: 'orderId=1',
    status: 415,
    code: 'content_type_unsupported',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  {
    what: 'no key',
    body: orderOf({}),
    status: 401,
    code: 'authentication_required',
    headers: { authorization: '' },
  },
  {
    what: 'a bad key',
    body: orderOf({}),
    status: 401,
    code: 'api_key_invalid',
    headers: { authorization: 'Bearer dp_test_nobody' },
  },
];

it.each(badRequests)('$what is $status $code', async ({ body, status, code, param, headers }) => {
  const reply = await platform.call('POST', '/api/v1/payments', {
    raw: body,
    headers: { authorization: `Bearer ${platform.merchant.apiKey}`, ...headers },
  });
  const { error } = reply.body as { error: Record<string, string> };
  expect({ status: reply.status, code: error['code'] }).toEqual({ status, code });
  if (param !== undefined) expect(error['param']).toBe(param);
  expect(error['message']).toMatch(/\w/);
  expect(error['requestId']).toBe(reply.headers.get('request-id'));
  expect(reply.text).not.toMatch(/4242 4242|42424242|55555555|378282246310005/);
});

it('an operator’s key starts no payments', async () => {
  const reply = await platform.call('POST', '/api/v1/payments', {
    key: platform.operatorKey,
    raw: orderOf({}),
  });
  expect(reply.status).toBe(403);
});

it('none of it wrote anything, anywhere', async () => {
  expect(await rowsWritten()).toEqual(Object.fromEntries(tables.map((table) => [table, 0])));
  expect(await workflowsOfPayments()).toBe(0);
  expect(platform.sandbox.book()).toEqual([]);
});

it('an orderId of card digits is an orderId; then there is something to count', async () => {
  const payment = await platform.openPayment({ orderId: '4242424242424242' });
  expect(payment.orderId).toBe('4242424242424242');
  const { payments, payment_attempts, payment_events } = await rowsWritten();
  expect({ payments, payment_attempts, payment_events }).toEqual({
    payments: 1,
    payment_attempts: 1,
    payment_events: 2,
  });
  await until('its workflow is counted', async () => (await workflowsOfPayments()) === 1);
  expect(platform.sandbox.book()).toHaveLength(1);
});

it.each([
  ['no HTTP', 'tea, please\r\n\r\n', 400, 'request_malformed'],
  ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'request_malformed'],
  [
    'large headers',
    `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
])('what is sent with %s is answered as every error is', async (_what, request, status, code) => {
  const socket = connect(Number(new URL(platform.url).port), '127.0.0.1');
  socket.write(request);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject({ error: { code, requestId: expect.any(String) as string } });
});
