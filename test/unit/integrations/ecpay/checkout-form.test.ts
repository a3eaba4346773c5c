import { readAccount } from '../../../../integrations/channels/ecpay/account';
import { checkMacValue } from '../../../../integrations/channels/ecpay/check-mac-value';
import { checkoutForm } from '../../../../integrations/channels/ecpay/checkout-form';
import { merchantTradeNo } from '../../../../integrations/channels/ecpay/trade-number';
import type { ChargeRequest } from '../../../../integrations/channels/payment-provider';

const now = new Date('2026-01-01T00:00:00.000Z');
const request: ChargeRequest = {
  reference: 'pay_019b76daa8007000800000000000000a-1',
  amount: 100n,
  currency: 'TWD',
  description: 'Tea, 100 g',
  webhookUrl: 'https://api.test/api/v1/webhooks/ecpay/chc_1',
  returnUrl: 'https://shop.test/thanks',
  expiresAt: new Date('2026-01-03T12:00:00.000Z'),
  capture: 'automatic',
};

function form(
  changes: Partial<ChargeRequest> = {},
  credentials: Record<string, string> = {},
  methods?: readonly string[],
) {
  const reading = readAccount({
    id: 'chc_1',
    channel: 'ecpay',
    mode: 'live',
    baseUrl: 'https://payment.ecpay.com.tw',
    credentials: {
      merchantId: '3290494',
      hashKey: 'key',
      hashIv: 'iv',
      creditCheckCode: '1',
      ...credentials,
    },
    methods,
  });
  if (!reading.ok) throw new Error(reading.message);
  return checkoutForm(reading.account, { ...request, ...changes }, now);
}

function fieldsOf(...given: Parameters<typeof form>): Record<string, string> {
  const made = form(...given);
  if (!made.ok || made.nextAction.type !== 'form_post') throw new Error(JSON.stringify(made));
  return made.nextAction.fields;
}

it('is all that ECPay wants, signed, with the moment the payment was made', () => {
  const { CheckMacValue, ...fields } = fieldsOf();
  expect(fields).toEqual({
    MerchantID: '3290494',
    MerchantTradeNo: merchantTradeNo(request.reference),
    MerchantTradeDate: '2026/01/01 08:00:00',
    PaymentType: 'aio',
    TotalAmount: '100',
    TradeDesc: 'Tea, 100 g',
    ItemName: 'Tea, 100 g',
    ReturnURL: request.webhookUrl,
    ClientBackURL: request.returnUrl,
    ChoosePayment: 'Credit',
    NeedExtraPaidInfo: 'Y',
    EncryptType: '1',
    CustomField1: request.reference,
    CustomField2: 'automatic',
  });
  expect(CheckMacValue).toBe(checkMacValue({ hashKey: 'key', hashIv: 'iv' }, Object.entries(fields)));
});

it('has a number of twenty letters and digits, the same for one reference and no other', () => {
  const numbers = Array.from({ length: 1_000 }, (_none, at) => merchantTradeNo(`pay_1-${at}`));
  expect(new Set(numbers).size).toBe(1_000);
  for (const number of numbers) expect(number).toMatch(/^[0-9A-Z]{20}$/);
  expect(merchantTradeNo('pay_1-7')).toBe(numbers[7]);
});

it.each([
  ['<b>Tea & "cake"</b>#2; drop', 'b Tea cake b 2 drop'],
  ['\u8336 100\u514b', '\u8336 100\u514b'],
  ['%%%', 'Order'],
  ['', 'Order'],
])('names %j as %j', (description, name) => {
  expect(fieldsOf({ description })).toMatchObject({ ItemName: name, TradeDesc: name });
});

it('cuts long descriptions by whole characters', () => {
  const { ItemName = '', TradeDesc = '' } = fieldsOf({ description: '𠮷'.repeat(300) });
  expect(ItemName).toBe('𠮷'.repeat(200));
  expect(TradeDesc).toBe('𠮷'.repeat(100));
});

it('leads back to an address that says the same, but holds no name of a field', () => {
  const returnUrl = 'https://shop.test/thanks?order=7&MerchantID=1&b=%26&&tradeAmt=5&5=x#top';
  const { ClientBackURL = '' } = fieldsOf({ returnUrl });
  expect(ClientBackURL).not.toMatch(/&[A-Za-z]/);
  expect([...new URL(ClientBackURL).searchParams]).toEqual([...new URL(returnUrl).searchParams]);
});

it.each<[string, ChargeRequest['method'], Record<string, string | undefined>]>([
  ['Credit,ATM,CVS', undefined, { ChoosePayment: 'Credit', PaymentInfoURL: undefined }],
  [
    'Credit,ATM,CVS',
    'bank_transfer',
    { ChoosePayment: 'ATM', ExpireDate: '3', PaymentInfoURL: request.webhookUrl },
  ],
  ['Credit,ATM,CVS', 'cash_code', { ChoosePayment: 'CVS', StoreExpireDate: '3600' }],
  ['BARCODE', 'cash_code', { ChoosePayment: 'BARCODE', StoreExpireDate: '3' }],
  ['WebATM', 'bank_transfer', { ChoosePayment: 'WebATM', ExpireDate: undefined }],
  ['Credit, ApplePay', 'wallet', { ChoosePayment: 'ApplePay' }],
  ['TWQR', undefined, { ChoosePayment: 'TWQR' }],
])('with %s, %s is paid by %j', (paymentTypes, method, fields) => {
  expect(fieldsOf({ method }, { paymentTypes })).toMatchObject(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  );
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) expect(fieldsOf({ method }, { paymentTypes })).not.toHaveProperty(name);
  }
});

it('names no way that the operator does not offer', () => {
  const paymentTypes = 'Credit,WebATM,CVS,TWQR';
  const way = (methods: string[], method?: string) =>
    fieldsOf({ method }, { paymentTypes }, methods)['ChoosePayment'];
  expect(way(['cash_code', 'bank_transfer'])).toBe('WebATM');
  expect(way(['cash_code'])).toBe('CVS');
  expect(way(['card', 'cash_code'], 'cash_code')).toBe('CVS');
  for (const methods of [['wallet'], ['cash_code']]) {
    expect(form({ method: 'card' }, { paymentTypes }, methods)).toMatchObject({
      ok: false,
      error: { code: 'method_not_supported' },
    });
  }
  expect(form({}, { paymentTypes }, ['wallet'])).toMatchObject({ error: { code: 'method_not_supported' } });
});

it.each<[string, Partial<ChargeRequest>, Record<string, string>, string]>([
  ['another currency', { currency: 'USD' }, {}, 'currency_not_supported'],
  ['nothing', { amount: 0n }, {}, 'amount_not_supported'],
  ['less than a card pays', { amount: 4n }, {}, 'amount_not_supported'],
  ['too much', { amount: 200_000n }, {}, 'amount_not_supported'],
  ['more than a transfer', { amount: 50_000n }, { paymentTypes: 'ATM' }, 'amount_not_supported'],
  [
    'less than a code, which a barcode would take',
    { amount: 20n },
    { paymentTypes: 'CVS' },
    'amount_not_supported',
  ],
  ['a method that the account has not', { method: 'qr' }, {}, 'method_not_supported'],
  ['a way that ECPay has not', {}, { paymentTypes: 'Shells' }, 'method_not_supported'],
  ['a reservation on an account that closes daily', { capture: 'manual' }, {}, 'capture_not_supported'],
  [
    'a reservation without the check code',
    { capture: 'manual' },
    { dailyClosing: 'off', creditCheckCode: '' },
    'capture_not_supported',
  ],
  [
    'a reservation of a transfer',
    { capture: 'manual' },
    { dailyClosing: 'off', paymentTypes: 'ATM' },
    'capture_not_supported',
  ],
  ['a card that nobody would close', {}, { dailyClosing: 'off' }, 'capture_not_supported'],
  [
    'an address that is too long',
    { returnUrl: `https://shop.test/${'x'.repeat(200)}` },
    {},
    'request_rejected',
  ],
])('there is no form for %s', (_what, changes, credentials, code) => {
  expect(form(changes, credentials)).toMatchObject({ ok: false, error: { code } });
});
