import { createHmac } from 'node:crypto';
import type { ChannelConfig } from '../../../../integrations/channels/payment-provider';
import { signParameters } from '../../../../integrations/channels/tpay/signature';
import { tpayWebhook } from '../../../../integrations/channels/tpay/webhook';

const now = new Date('2026-01-01T00:05:00.000Z');
const seconds = now.getTime() / 1_000;
const nonce = '0123456789abcdef'.repeat(2);

const config: ChannelConfig = {
  id: 'chc_1',
  channel: 'tpay',
  mode: 'test',
  baseUrl: 'https://tpay.example',
  credentials: { appId: 'A1', appSecret: 's', notifyKey: 'new', previousNotifyKey: 'old' },
};

const trade = {
  trade_no: 'T1',
  out_trade_no: 'pay_1-1',
  state: 'SUCCESS',
  amount: '100.00',
  currency: 'TWD',
};
const refund = {
  refund_id: 'R1',
  out_refund_no: 'ref_1',
  out_trade_no: 'pay_1-1',
  state: 'SUCCESS',
  amount: '40.00',
  currency: 'TWD',
};

const notification = (changes: object = {}) => ({
  notify_id: 'N1',
  notify_type: 'TRADE_SUCCESS',
  notify_time: '2026-01-01 08:02:11',
  app_id: 'A1',
  trade,
  refund: null,
  ...changes,
});

const mac = (key: string, body: string, at: number | string = seconds) =>
  createHmac('sha256', key).update(`${at}\n${nonce}\n${body}\n`).digest('base64');

function verdict(content: unknown, headers: (body: string) => Record<string, string> = () => ({})) {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const usual = { 'x-timestamp': String(seconds), 'x-nonce': nonce, 'x-signature': mac('new', body) };
  return tpayWebhook.verify(config, {
    headers: { ...usual, ...headers(body) },
    body: Buffer.from(body),
    receivedAt: now,
  });
}

it('a request is signed as docs/channels/tpay.md says, whatever the order of its parameters', () => {
  const signature = signParameters('tpay-secret', { b: '2', a: '1', empty: '', sign: 'old', C: 'ü&=' });
  // printf 'C=ü&=&a=1&b=2' | openssl dgst -sha256 -hmac tpay-secret
  expect(signature).toBe('564E4C63338505FBC4F82B9937B0E23884C2900EC4602378FCF4D8265060D4B8');
});

describe('a notification of TPay', () => {
  it.each<[string, (body: string) => Record<string, string>, string]>([
    ['the new key', () => ({}), 'verified'],
    ['the old key', (body) => ({ 'x-signature': mac('old', body) }), 'verified'],
    ['another key', (body) => ({ 'x-signature': mac('guessed', body) }), 'forged'],
    ['the app secret', (body) => ({ 'x-signature': mac('s', body) }), 'forged'],
    ['another nonce than it was signed with', () => ({ 'x-nonce': 'f'.repeat(32) }), 'forged'],
    [
      'a fresh time on an old signature',
      (body) => ({ 'x-signature': mac('new', body, seconds - 900) }),
      'forged',
    ],
    [
      'a time 300 seconds ago',
      (body) => ({ 'x-timestamp': String(seconds - 300), 'x-signature': mac('new', body, seconds - 300) }),
      'verified',
    ],
    [
      'a time 301 seconds ahead',
      (body) => ({ 'x-timestamp': String(seconds + 301), 'x-signature': mac('new', body, seconds + 301) }),
      'stale',
    ],
    ['no signature', () => ({ 'x-signature': '' }), 'forged'],
    ['no nonce', () => ({ 'x-nonce': '' }), 'malformed'],
    ['a time that is no number', () => ({ 'x-timestamp': 'soon' }), 'malformed'],
    ['a short signature', () => ({ 'x-signature': 'abcd' }), 'malformed'],
  ])('signed with %s', (_name, headers, kind) => {
    expect(verdict(notification(), headers).kind).toBe(kind);
  });

  it('of a trade is told under the attempt, at the time of its own clock', () => {
    expect(verdict(notification())).toEqual({
      kind: 'verified',
      event: {
        eventId: 'N1',
        occurredAt: '2026-01-01T00:02:11.000Z',
        about: 'charge',
        reference: 'pay_1-1',
        status: { kind: 'succeeded', charge: { providerRef: 'T1', amountMinor: '100', currency: 'TWD' } },
      },
    });
  });

  it('of a refund is told under the refund, and names the trade that it says', () => {
    expect(verdict(notification({ notify_type: 'REFUND_SUCCESS', refund }))).toMatchObject({
      kind: 'verified',
      event: {
        about: 'refund',
        reference: 'ref_1',
        chargeReference: 'pay_1-1',
        status: { kind: 'succeeded', refund: { providerRef: 'R1', amountMinor: '40' } },
      },
    });
  });

  it.each(['WALLET_TOPPED_UP', '__proto__'])('%s is genuine and none of a payment’s business', (type) => {
    expect(verdict(notification({ notify_type: type }))).toEqual({ kind: 'irrelevant', eventId: 'N1' });
  });

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no notification', '[]'],
    ['no id', notification({ notify_id: undefined })],
    ['a time that never was', notification({ notify_time: '2026-13-01 08:00:00' })],
    ['no trade', notification({ trade: null })],
    ['no refund', notification({ notify_type: 'REFUND_FAIL' })],
  ])('with %s is malformed', (_name, content) => {
    expect(verdict(content).kind).toBe('malformed');
  });

  it('of another app is forged, though TPay signed it', () => {
    expect(verdict(notification({ app_id: 'A2' })).kind).toBe('forged');
  });
});
