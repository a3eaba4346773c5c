import { checkCredentials } from '../../../../domain/channel/credentials';
import { notificationKeys, readAccount } from '../../../../integrations/channels/ecpay/account';
import { ecpayCredentials } from '../../../../integrations/channels/ecpay/credentials';
import type { ChannelConfig } from '../../../../integrations/channels/payment-provider';

const config = (
  changes: Partial<ChannelConfig> = {},
  credentials: Record<string, string> = {},
): ChannelConfig => ({
  id: 'chc_1',
  channel: 'ecpay',
  mode: 'live',
  baseUrl: 'https://payment.ecpay.com.tw',
  credentials: { merchantId: '3290494', hashKey: 'key', hashIv: 'iv', ...credentials },
  ...changes,
});

it.each<[string, ChannelConfig, boolean]>([
  ['a live account', config(), true],
  [
    'a live channel at the test environment',
    config({ baseUrl: 'https://payment-stage.ecpay.com.tw' }),
    false,
  ],
  ['a live channel with the public test merchant', config({}, { merchantId: '3002607' }), false],
  [
    'a test channel at the test environment',
    config({ mode: 'test', baseUrl: 'https://payment-stage.ecpay.com.tw' }),
    true,
  ],
  ['a test channel in production', config({ mode: 'test' }), false],
  ['a test channel at a sandbox', config({ mode: 'test', baseUrl: 'http://127.0.0.1:1' }), true],
  ['no key', config({}, { hashKey: '' }), false],
  ['no vector', config({}, { hashIv: '' }), false],
  ['no merchant', config({}, { merchantId: '' }), false],
  ['no address', config({ baseUrl: 'ecpay' }), false],
])('%s', (_what, given, isTaken) => {
  const reading = readAccount(given);
  expect(reading.ok).toBe(isTaken);
  if (!reading.ok) expect(reading.message).not.toMatch(/3002607|key'/);
});

it('finds the statements on their own host', () => {
  const origins = [
    'https://payment.ecpay.com.tw',
    'https://payment-stage.ecpay.com.tw',
    'http://127.0.0.1:8092',
  ].map((baseUrl) => {
    const reading = readAccount(
      config({ baseUrl, mode: baseUrl.endsWith('ent.ecpay.com.tw') ? 'live' : 'test' }),
    );
    return reading.ok ? reading.account.statementOrigin : reading.message;
  });
  expect(origins).toEqual([
    'https://vendor.ecpay.com.tw',
    'https://vendor-stage.ecpay.com.tw',
    'http://127.0.0.1:8092',
  ]);
});

it('takes notifications under both keys while they change, and under no empty one', () => {
  expect(notificationKeys(config({}, { previousHashKey: 'old' }))).toEqual([
    { hashKey: 'key', hashIv: 'iv' },
    { hashKey: 'old', hashIv: 'iv' },
  ]);
  expect(notificationKeys(config({}, { hashKey: '', previousHashKey: '' }))).toEqual([]);
});

describe('a configuration is refused field by field', () => {
  const good = { merchantId: '3290494', hashKey: 'key', hashIv: 'iv' };
  const wrong = (changes: Record<string, string>, mode: 'live' | 'test' = 'live') =>
    checkCredentials(ecpayCredentials, { ...good, ...changes }, mode).map(({ param }) => param);

  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [
      {
        creditCheckCode: '25938511',
        dailyClosing: 'off',
        closingHours: '20:14-20:31',
        paymentTypes: 'Credit, ATM,TWQR',
        previousHashKey: 'old',
        previousHashIv: 'old',
      },
      [],
    ],
    [{ closingHours: 'none', dailyClosing: 'on' }, []],
    [{ merchantId: '3002607' }, ['credentials.merchantId']],
    [{ merchantId: 'M-1' }, ['credentials.merchantId']],
    [{ creditCheckCode: 'abc' }, ['credentials.creditCheckCode']],
    [{ dailyClosing: 'no' }, ['credentials.dailyClosing']],
    [{ closingHours: '8pm' }, ['credentials.closingHours']],
    [{ paymentTypes: 'Credit,Shells' }, ['credentials.paymentTypes']],
    [{ hashKey: '', hashIv: '' }, ['credentials.hashKey', 'credentials.hashIv']],
    [{ apiKey: 'x' }, ['credentials.apiKey']],
  ])('%j', (changes, params) => {
    expect(wrong(changes)).toEqual(params);
  });

  it('but the public test merchant is good for test mode', () => {
    expect(wrong({ merchantId: '3002607' }, 'test')).toEqual([]);
  });
});
