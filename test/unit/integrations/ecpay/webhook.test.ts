import { checkMacValue } from '../../../../integrations/channels/ecpay/check-mac-value';
import { merchantTradeNo } from '../../../../integrations/channels/ecpay/trade-number';
import { ecpayWebhook } from '../../../../integrations/channels/ecpay/webhook';
import type { ChannelConfig } from '../../../../integrations/channels/payment-provider';

const now = new Date('2026-01-01T00:05:00.000Z');
const keys = { hashKey: 'pwFHCqoQZGmho4w6', hashIv: 'EkRm7iFT261dpevs' };
const config: ChannelConfig = {
  id: 'chc_1',
  channel: 'ecpay',
  mode: 'test',
  baseUrl: 'https://payment-stage.ecpay.com.tw',
  credentials: { merchantId: '3002607', ...keys },
};
const reference = 'pay_0193c1f27a5e7c3e9d1b5a0c2f4e6d8b-1';
const notice = {
  MerchantID: '3002607',
  MerchantTradeNo: merchantTradeNo(reference),
  RtnCode: '1',
  RtnMsg: '交易成功',
  TradeNo: '2409101516518014',
  TradeAmt: '100',
  PaymentDate: '2026/01/01 08:02:11',
  PaymentType: 'Credit_CreditCard',
  PaymentTypeChargeFee: '2',
  TradeDate: '2026/01/01 08:00:00',
  SimulatePaid: '0',
  CustomField1: reference,
  CustomField2: 'automatic',
};

function verdict(changes: Record<string, string> = {}, given = config) {
  const fields = { ...notice, ...changes };
  const CheckMacValue = checkMacValue(keys, Object.entries(fields));
  const body = Buffer.from(new URLSearchParams({ ...fields, CheckMacValue }).toString());
  return ecpayWebhook.verify(given, { headers: {}, body, receivedAt: now });
}

const charge = { providerRef: '2409101516518014', amountMinor: '100', currency: 'TWD' };

it.each<[string, Record<string, string>, object]>([
  ['paid', {}, { kind: 'succeeded', charge }],
  ['reserved', { CustomField2: 'manual' }, { kind: 'authorized', charge }],
  [
    'paid at once, though asked to reserve',
    { CustomField2: 'manual', PaymentType: 'ATM_TAISHIN' },
    { kind: 'succeeded' },
  ],
  ['waiting for the bank', { RtnCode: '10300066' }, { kind: 'processing' }],
  [
    'not enough money',
    { RtnCode: '10100252' },
    { kind: 'declined', error: { code: 'insufficient_funds', rawCode: '10100252' } },
  ],
  [
    'a code nobody knows',
    { RtnCode: '10999999' },
    { kind: 'declined', error: { code: 'declined', rawCode: '10999999' } },
  ],
  ['paid for nothing', { TradeAmt: '0' }, { kind: 'unknown' }],
  [
    'an account to pay into',
    {
      RtnCode: '2',
      PaymentType: 'ATM_TAISHIN',
      PaymentDate: '',
      BankCode: '812',
      vAccount: '9103522175887271',
      ExpireDate: '2026/01/04',
    },
    {
      kind: 'open',
      nextAction: {
        type: 'bank_transfer',
        details: {
          bankCode: '812',
          accountNumber: '9103522175887271',
          amount: '100',
          expiresAt: '2026-01-04T15:59:59.000Z',
        },
      },
    },
  ],
  [
    'barcodes',
    {
      RtnCode: '10100073',
      PaymentDate: '',
      Barcode1: '1',
      Barcode2: '2',
      Barcode3: '3',
      ExpireDate: '2026/01/04 10:00:00',
    },
    {
      kind: 'open',
      nextAction: {
        type: 'cash_code',
        details: {
          barcode1: '1',
          barcode2: '2',
          barcode3: '3',
          amount: '100',
          expiresAt: '2026-01-04T02:00:00.000Z',
        },
      },
    },
  ],
])('a notification says: %s', (_what, changes, status) => {
  expect(verdict(changes)).toMatchObject({ kind: 'verified', event: { reference, about: 'charge', status } });
});

it('has one event id however a repeat words it, and another for another outcome', () => {
  const idOf = (changes: Record<string, string>) => {
    const found = verdict(changes);
    return found.kind === 'verified' ? found.event.eventId : found.kind;
  };
  expect(idOf({ RtnMsg: 'paid' })).toBe(idOf({}));
  expect(idOf({})).toMatch(/^ec_[0-9a-f]{32}$/);
  expect(new Set([idOf({}), idOf({ RtnCode: '2' }), idOf({ TradeAmt: '101' })]).size).toBe(3);
});

it.each<[string, Record<string, string>, string]>([
  ['a payment that was only simulated', { SimulatePaid: '1' }, 'irrelevant'],
  ['a trade of another system on the account', { CustomField1: 'their-order-7' }, 'irrelevant'],
  ['a trade under our reference with another number', { MerchantTradeNo: 'A1' }, 'irrelevant'],
  ["another merchant's", { MerchantID: '2000132' }, 'forged'],
  ['one of long ago', { PaymentDate: '2025/12/21 08:00:00' }, 'stale'],
  ['one of two days ago, as of barcodes', { PaymentDate: '2025/12/30 08:00:00' }, 'verified'],
  ['one of tomorrow', { PaymentDate: '2026/01/02 08:00:00' }, 'stale'],
  ['a time that is none', { PaymentDate: 'soon' }, 'malformed'],
  ['an amount that is none', { TradeAmt: '1e3' }, 'malformed'],
])('%s', (_what, changes, kind) => {
  expect(verdict(changes).kind).toBe(kind);
});

it('believes nobody on a live channel that still has the keys everybody knows', () => {
  expect(verdict({}, { ...config, mode: 'live' }).kind).toBe('forged');
});

it.each([
  ['with a field that only a form has', { ChoosePayment: 'Credit' }],
  ['however that is spelt', { choosepayment: 'Credit' }],
  ['with a value that could be fields of its own', { RtnMsg: 'paid&RtnCode=1' }],
])('takes nothing for a notification %s, though our key made its code', (_what, changes) => {
  expect(verdict(changes).kind).toBe('forged');
});

it('is answered with four characters and nothing else', () => {
  expect(ecpayWebhook.acknowledgement).toEqual({ status: 200, contentType: 'text/plain', body: '1|OK' });
});
