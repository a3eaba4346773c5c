import { checkCode } from '../../../../dev/sandboxes/ecpay/check-code';
import {
  checkMacValue,
  dotNetEncoded,
  isSignedBy,
} from '../../../../integrations/channels/ecpay/check-mac-value';

const stage = { hashKey: 'pwFHCqoQZGmho4w6', hashIv: 'EkRm7iFT261dpevs' };
const older = { hashKey: '5294y06JbISpM5x9', hashIv: 'v77hoKGq4kWxNNIS' };

/** Published by ECPay, or computed by its own SDKs, with its public test merchants. */
const vectors: [string, typeof stage, Record<string, string>, string][] = [
  [
    "the documents' example",
    stage,
    {
      TradeDesc: '促銷方案',
      PaymentType: 'aio',
      MerchantTradeDate: '2023/03/12 15:30:23',
      MerchantTradeNo: 'ecpay20230312153023',
      MerchantID: '3002607',
      ReturnURL: 'https://www.ecpay.com.tw/receive.php',
      ItemName: 'Apple iphone 15',
      TotalAmount: '30000',
      ChoosePayment: 'ALL',
      EncryptType: '1',
    },
    '6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840',
  ],
  [
    'the older merchant',
    older,
    {
      MerchantID: '2000132',
      MerchantTradeNo: 'test-123456',
      MerchantTradeDate: '2022/04/25 10:40:18',
      TradeDesc: '測試交易',
      ItemName: '測試牌 2B鉛筆 盒裝',
      TotalAmount: '60',
      ReturnURL: 'https://www.example.com/foo/bar',
      ChoosePayment: 'ALL',
      PaymentType: 'aio',
      EncryptType: '1',
    },
    '4503BC3F7513BA0E2512F4F14BDDD42A193A1EC6787BCEFA86F99C94F3E52CA2',
  ],
  [
    'an apostrophe',
    stage,
    { MerchantID: '3002607', ItemName: "Tom's Shop", TotalAmount: '100' },
    'CF0A3D4901D99459D8641516EC57210700E8A5C9AB26B1D021301E9CB93EF78D',
  ],
  [
    'a tilde',
    stage,
    { MerchantID: '3002607', ItemName: 'Test~Product', TotalAmount: '200' },
    'CEEAE01D2F9A8E74D4AC0DCE7735B046D73F35A5EC99558A31A2EE03159DA1C9',
  ],
  [
    'spaces',
    stage,
    { MerchantID: '3002607', ItemName: 'My Test Product', TotalAmount: '300' },
    '7712A5E6EDC3B57086063C88568084C66CE882A21D40E74DE5ACA3B478C6F316',
  ],
];

it.each(vectors)('CheckMacValue is as ECPay has it: %s', (_what, keys, parameters, expected) => {
  expect(checkMacValue(keys, Object.entries(parameters))).toBe(expected);
  const sandbox = { ...keys, merchantId: '', creditCheckCode: '' };
  expect(checkCode(sandbox, { ...parameters, CheckMacValue: 'old' })).toBe(expected);
});

it('encodes as .NET does', () => {
  expect(dotNetEncoded("Aé 中-_.!*()'~+&=/\ud800")).toBe(
    'a%c3%a9+%e4%b8%ad-_.!*()%27%7e%2b%26%3d%2f%ef%bf%bd',
  );
});

describe('a code is taken', () => {
  const signed = (keys: typeof stage, fields: Record<string, string>) =>
    new Map([...Object.entries(fields), ['CheckMacValue', checkMacValue(keys, Object.entries(fields))]]);

  it('under any active pair of keys, and under no other', () => {
    const fields = signed(older, { MerchantID: '1', RtnCode: '1' });
    expect(isSignedBy([stage, older], fields)).toBe(true);
    expect(isSignedBy([stage], fields)).toBe(false);
    expect(isSignedBy([], fields)).toBe(false);
  });

  it('only in the form that ECPay writes', () => {
    const fields = signed(stage, { MerchantID: '1' });
    for (const odd of [
      '',
      'x',
      fields.get('CheckMacValue')!.toLowerCase(),
      `${fields.get('CheckMacValue')} `,
    ]) {
      expect(isSignedBy([stage], new Map([...fields, ['CheckMacValue', odd]]))).toBe(false);
    }
  });

  it('only where its text can be cut into fields in one way', () => {
    const oneField = { Message: 'paid&RtnCode=1&TradeAmt=5' };
    const threeFields = { Message: 'paid', RtnCode: '1', TradeAmt: '5' };
    const oddName = { 'Message=paid&RtnCode': '1', TradeAmt: '5' };
    expect(isSignedBy([stage], signed(stage, threeFields))).toBe(true);
    for (const other of [oneField, oddName]) {
      expect(checkMacValue(stage, Object.entries(other))).toBe(
        checkMacValue(stage, Object.entries(threeFields)),
      );
      expect(isSignedBy([stage], signed(stage, other))).toBe(false);
    }
  });
});
