import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi();
  merchant = await api.addMerchant();
});
afterAll(() => api.stop());

const read = async (path: string, key = api.operatorKey) => {
  const reply = await api.call('GET', `/api/v1${path}`, { key });
  const { error } = reply.body as { error: { code: string; param?: string; message: string } };
  return { status: reply.status, ...error };
};

it.each([
  [
    'a name that others use',
    '/refunds?cursor=x',
    'parameter_unknown',
    'cursor',
    /known here are limit, startingAfter/,
  ],
  [
    'a name where none is taken',
    '/integrations/service-kinds?page=2',
    'parameter_unknown',
    'page',
    /takes none/,
  ],
  ['a name that stands twice', '/callbacks?limit=1&limit=2', 'parameter_invalid', 'limit', /send it once/],
  ['no number', '/disputes?limit=many', 'parameter_invalid', 'limit', /a whole number from 1 to 100/],
  [
    'no channel',
    '/webhooks/received?channel=%27',
    'parameter_invalid',
    'channel',
    /name of a channel, such as kpay/,
  ],
  ['no merchant', '/balances?mode=test', 'parameter_missing', 'merchantId', /An operator names the merchant/],
])('%s: the answer says what is wanted', async (_what, path, code, param, message) => {
  const error = await read(path);
  expect(error).toMatchObject({ status: 400, code, param });
  expect(error.message).toMatch(message);
});

it.each([
  ['/refunds', 'to'],
  ['/disputes', 'to'],
  ['/webhooks/received', 'to'],
  ['/integrations/logs', 'until'],
])('%s: a period that ends before it begins is refused, the usual beginning too', async (path, end) => {
  const backwards = await read(`${path}?from=2026-05-01T00:00:00Z&${end}=2026-04-01T00:00:00Z`);
  expect(backwards).toMatchObject({ status: 400, code: 'parameter_invalid', param: end });
  expect(backwards.message).toContain('which is 2026-05-01T00:00:00.000Z');
  expect(await read(`${path}?${end}=2020-01-01T00:00:00Z`)).toMatchObject({ status: 400, param: end });
});

it.each(['9999-12-31T23:59:59-12:00', '0000-01-01T00:00:00+12:00'])(
  'a time of a year that answers have no digits for is refused: %s',
  async (time) => {
    const error = await read(`/balances?at=${encodeURIComponent(time)}`, merchant.testKey);
    expect(error).toMatchObject({ status: 400, code: 'parameter_invalid', param: 'at' });
    expect(error.message).toMatch(/from the year 0000 to 9999/);
  },
);

it('a name that can not be kept is not given back as a parameter without a name', async () => {
  const error = await read('/refunds?a%00=1');
  expect(error).toMatchObject({ status: 400, code: 'parameter_invalid' });
  expect(error).not.toHaveProperty('param');
});

it('whose key is wanted is said', async () => {
  const [operators, merchants] = [await read('/payments'), await read('/admin/channels', merchant.testKey)];
  expect(operators).toMatchObject({ status: 403, code: 'permission_denied' });
  expect(operators.message).toContain("it wants a merchant's key");
  expect(merchants.message).toContain("it wants an operator's key");
});

it('a body’s misspelt field is answered with the names that there are', async () => {
  const body = { orderId: 'tea-1', ammount: '5', amount: '5' };
  const reply = await api.call('POST', '/api/v1/payments', { key: merchant.testKey, body });
  const { error } = reply.body as { error: { message: string } };
  expect(error.message).toMatch(/^Unknown parameter: ammount; known here are orderId, amount, currency/);
});
