import type { PaymentRequest } from '../../../domain/payment/request';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

/** What came through to the point where a payment would be started. */
const started: PaymentRequest[] = [];

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi({
    startPayment: async (request) => {
      started.push(request);
      return { kind: 'unknown' };
    },
  });
  merchant = await api.addMerchant();
  await api.addChannel({ currencies: ['USD', 'JPY', 'ETH'] });
  const config = await api.call('PUT', `/api/v1/merchants/${merchant.publicId}/payment-config`, {
    key: merchant.testKey,
    body: {
      currencies: ['USD', 'JPY', 'ETH'],
      channels: ['kpay'],
      limits: { USD: { min: '1.00', max: '1000.00' } },
    },
  });
  expect(config.status).toBe(200);
});
afterAll(() => api.stop());
beforeEach(() => {
  started.length = 0;
});

const post = (raw: string) => api.call('POST', '/api/v1/payments', { key: merchant.testKey, raw });
const with_ = (fields: string) => `{"orderId":"tea-1",${fields}}`;

it.each([
  ['a decimal string', with_('"amount":"100.50","currency":"USD"'), '10050'],
  ['an exact number', with_('"amount":100.5,"currency":"USD"'), '10050'],
  ["the merchant's currency by default", with_('"amount":"2"'), '200'],
  ['18 decimals of ether', with_('"amount":"9.000000000000000001","currency":"ETH"'), '9000000000000000001'],
  ['an orderId that looks like a card', '{"orderId":"4242424242424242","amount":"5"}', '500'],
])('%s comes through', async (_name, body, amountMinor) => {
  const reply = await post(body);
  expect(started.map((request) => request.amountMinor)).toEqual([amountMinor]);
  expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '2']);
  expect(reply.body).toMatchObject({
    error: { code: 'outcome_unknown', message: expect.stringContaining('same orderId') as string },
  });
});

it.each([
  ['an unknown currency', with_('"amount":"1","currency":"QQQ"'), 400, 'currency_unknown', 'currency'],
  [
    'a currency in small letters',
    with_('"amount":"1","currency":"usd"'),
    400,
    'currency_unknown',
    'currency',
  ],
  [
    'a currency that is not enabled',
    with_('"amount":"1","currency":"EUR"'),
    422,
    'currency_not_enabled',
    'currency',
  ],
  ['too many decimals', with_('"amount":"1.001","currency":"USD"'), 400, 'amount_too_precise', 'amount'],
  ['decimals of yen', with_('"amount":"100.5","currency":"JPY"'), 400, 'amount_too_precise', 'amount'],
  ['a negative amount', with_('"amount":"-1","currency":"USD"'), 400, 'amount_not_positive', 'amount'],
  ['zero', with_('"amount":0,"currency":"USD"'), 400, 'amount_not_positive', 'amount'],
  [
    'an inexact number',
    with_('"amount":9007199254740993,"currency":"JPY"'),
    400,
    'amount_not_exact',
    'amount',
  ],
  [
    'an absurd amount',
    with_(`"amount":"1${'0'.repeat(50)}","currency":"USD"`),
    400,
    'amount_too_large',
    'amount',
  ],
  ['an exponent', with_('"amount":"1e3","currency":"USD"'), 400, 'amount_invalid', 'amount'],
  ['below the limit', with_('"amount":"0.99","currency":"USD"'), 422, 'amount_outside_limits', 'amount'],
  ['above the limit', with_('"amount":"1000.01","currency":"USD"'), 422, 'amount_outside_limits', 'amount'],
  ['less than any channel takes', with_('"amount":"49","currency":"JPY"'), 422, 'amount_not_taken', 'amount'],
  [
    'more than any channel takes',
    with_('"amount":"100000000","currency":"JPY"'),
    422,
    'amount_not_taken',
    'amount',
  ],
  ['an unknown channel', with_('"amount":"5","provider":"nopay"'), 422, 'channel_not_available', 'provider'],
  ['an unknown field', with_('"amount":"5","ammount":"6"'), 400, 'parameter_unknown', 'ammount'],
  ['no amount', '{"orderId":"tea-1"}', 400, 'parameter_missing', 'amount'],
  ['no orderId', '{"amount":"5"}', 400, 'parameter_missing', 'orderId'],
  [
    'an orderId that no address can hold',
    '{"orderId":"..","amount":"5"}',
    400,
    'parameter_invalid',
    'orderId',
  ],
  ['an orderId like a payment id', '{"orderId":"pay_1","amount":"5"}', 400, 'parameter_invalid', 'orderId'],
  ['an orderId with a slash', '{"orderId":"a/b","amount":"5"}', 400, 'parameter_invalid', 'orderId'],
  [
    'an orderId that is too long',
    `{"orderId":"${'a'.repeat(65)}","amount":"5"}`,
    400,
    'parameter_invalid',
    'orderId',
  ],
  [
    'a card in the description',
    with_('"amount":"5","description":"card 4242 4242 4242 4242"'),
    422,
    'card_number_refused',
    'description',
  ],
  [
    'a card in the metadata',
    with_('"amount":"5","metadata":{"note":"5555555555554444"}'),
    422,
    'card_number_refused',
    'metadata.note',
  ],
  [
    'a card as a metadata key',
    with_('"amount":"5","metadata":{"5555555555554444":"x"}'),
    422,
    'card_number_refused',
    'metadata',
  ],
  [
    'metadata that is no text',
    with_('"amount":"5","metadata":{"a":1}'),
    400,
    'parameter_invalid',
    'metadata.a',
  ],
  [
    'a script for a return address',
    with_('"amount":"5","returnUrl":"javascript:alert(1)"'),
    400,
    'parameter_invalid',
    'returnUrl',
  ],
])('%s is refused, and nothing is written', async (_name, body, status, code, param) => {
  const reply = await post(body);
  expect(reply.body).toMatchObject({ error: { code, ...(param === undefined ? {} : { param }) } });
  expect(reply.status).toBe(status);
  expect(started).toEqual([]);
  const { rows } = await api.database.query<{ n: bigint }>(
    'select (select count(*) from payment_keys) + (select count(*) from payments) + (select count(*) from idempotency_keys) as n',
  );
  expect(rows[0]?.n).toBe(0n);
});

it.each([
  ['provider', '"amount":"5","provider":"nopay"', /no channel of that name\. It has kpay; with "auto"/],
  ['provider', '"amount":"5","provider":"kpay","method":"crypto"', /\(kpay: does not offer crypto\)/],
  [
    undefined,
    '"amount":"5","method":"crypto"',
    /No channel of this merchant .* \(kpay: does not offer crypto\)/,
  ],
  ['amount', '"amount":"0.99"', /limits for USD: min 1\.00, max 1000\.00\./],
  ['amount', '"amount":"49","currency":"JPY"', /this merchant's channels take 50 to 99999999 JPY\./],
  [
    'amount',
    '"amount":"49","currency":"JPY","provider":"kpay","method":"card"',
    /: kpay takes 50 to 99999999 JPY by card\./,
  ],
  ['settleCurrency', '"amount":"5","settleCurrency":"EUR"', /currency/],
])('what is refused for the settings names %s and what they are: %s', async (param, fields, message) => {
  // Others' channels are nobody's business.
  await api.addChannel({ channel: 'tpay' });
  const reply = await post(with_(fields));
  expect(reply.status).toBe(422);
  const { error } = reply.body as { error: { param?: string; message: string } };
  expect(error.param).toBe(param);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('tpay');
});
