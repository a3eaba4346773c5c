import { createHmac } from 'node:crypto';
import { signRequest } from '../../../../integrations/channels/kpay/signature';
import { kpayWebhook } from '../../../../integrations/channels/kpay/webhook';
import type { ChannelConfig } from '../../../../integrations/channels/payment-provider';

const now = new Date('2026-01-01T00:05:00.000Z');
const seconds = now.getTime() / 1_000;

const config: ChannelConfig = {
  id: 'chc_1',
  channel: 'kpay',
  mode: 'test',
  baseUrl: 'https://kpay.example',
  credentials: { merchantId: 'M1', apiSecret: 'a', webhookSecret: 'new', previousWebhookSecret: 'old' },
};

const order = {
  order_id: 'kp_1',
  merchant_id: 'M1',
  merchant_order_no: 'pay_1-1',
  status: 'paid',
  amount: 100,
  currency: 'TWD',
  paid_at: '2026-01-01T00:02:11.000Z',
};

const event = (changes: object = {}) => ({
  id: 'evt_1',
  type: 'payment.paid',
  created_at: '2026-01-01T00:02:11.000Z',
  data: { order, refund: null },
  ...changes,
});

const mac = (secret: string, body: string, at: number | string = seconds) =>
  createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');

function verdict(content: unknown, header?: (body: string) => string | undefined) {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const signature = header ? header(body) : `t=${seconds},v1=${mac('new', body)}`;
  return kpayWebhook.verify(config, {
    headers: { 'x-signature': signature },
    body: Buffer.from(body),
    receivedAt: now,
  });
}

describe('signing a request', () => {
  it('gives the signature of docs/channels/kpay.md for a known request', () => {
    const signature = signRequest('kpay-secret', {
      timestamp: 1767225600,
      method: 'POST',
      path: '/v1/orders',
      body: '{"amount":100}',
    });
    // printf '1767225600.POST./v1/orders.{"amount":100}' | openssl dgst -sha256 -hmac kpay-secret
    expect(signature).toBe('v1=06a89c29199b20934975e25c8477d4a3decd90bead7a82684e65fba0b6297b94');
  });
});

describe('a webhook of KPay', () => {
  const zeros = '0'.repeat(64);

  it.each<[string, (body: string) => string | undefined, string]>([
    ['the new secret', (body) => `t=${seconds},v1=${mac('new', body)}`, 'verified'],
    ['the old secret', (body) => `t=${seconds},v1=${mac('old', body)}`, 'verified'],
    [
      'one good signature among others',
      (body) => `t=${seconds},v1=${zeros},v1=${mac('old', body)}`,
      'verified',
    ],
    ['spaces after commas', (body) => `t=${seconds}, v1=${mac('new', body)}`, 'verified'],
    ['a part of the future', (body) => `t=${seconds},v2=x,v1=${mac('new', body)}`, 'verified'],
    ['300 seconds ago', (body) => `t=${seconds - 300},v1=${mac('new', body, seconds - 300)}`, 'verified'],
    ['301 seconds ago', (body) => `t=${seconds - 301},v1=${mac('new', body, seconds - 301)}`, 'stale'],
    ['301 seconds ahead', (body) => `t=${seconds + 301},v1=${mac('new', body, seconds + 301)}`, 'stale'],
    [
      'a fresh time on an old signature',
      (body) => `t=${seconds},v1=${mac('new', body, seconds - 900)}`,
      'forged',
    ],
    ['the API secret', (body) => `t=${seconds},v1=${mac('a', body)}`, 'forged'],
    ['a forged one that is stale too', () => `t=1,v1=${zeros}`, 'forged'],
    ['no header', () => undefined, 'forged'],
    ['an empty header', () => '', 'forged'],
    ['no time', (body) => `v1=${mac('new', body)}`, 'malformed'],
    ['two times', (body) => `t=${seconds},t=${seconds},v1=${mac('new', body)}`, 'malformed'],
    ['a time that is no number', (body) => `t=soon,v1=${mac('new', body, 'soon')}`, 'malformed'],
    ['no signature', () => `t=${seconds}`, 'malformed'],
    ['a short signature', () => `t=${seconds},v1=abcd`, 'malformed'],
    ['upper-case hex', (body) => `t=${seconds},v1=${mac('new', body).toUpperCase()}`, 'malformed'],
    ['five signatures', (body) => `t=${seconds}${`,v1=${mac('new', body)}`.repeat(5)}`, 'malformed'],
    ['a header without end', () => `t=${seconds},${'x'.repeat(5_000)}`, 'malformed'],
  ])('signed with %s', (_name, header, kind) => {
    expect(verdict(event(), header).kind).toBe(kind);
  });

  it.each<[string, object, object]>([
    [
      'paid',
      event(),
      { status: { kind: 'succeeded', charge: { providerRef: 'kp_1', amountMinor: '100', currency: 'TWD' } } },
    ],
    [
      'failed',
      event({
        type: 'payment.failed',
        data: { order: { ...order, status: 'failed', failure_code: 'risk_rejected' } },
      }),
      { status: { kind: 'declined', error: { code: 'fraud_suspected' } } },
    ],
    [
      'expired',
      event({ type: 'payment.expired', data: { order: { ...order, status: 'expired' } } }),
      { status: { kind: 'cancelled' } },
    ],
    // The order is the truth, the event's name is not.
    [
      'called paid, with a pending order',
      event({ data: { order: { ...order, status: 'pending' } } }),
      { status: { kind: 'open' } },
    ],
    [
      'of a status we do not know',
      event({ data: { order: { ...order, status: 'levitating' } } }),
      { status: { kind: 'unknown' } },
    ],
  ])('%s', (_name, content, expected) => {
    expect(verdict(content)).toMatchObject({
      kind: 'verified',
      event: { eventId: 'evt_1', reference: 'pay_1-1', occurredAt: '2026-01-01T00:02:11.000Z', ...expected },
    });
  });

  const refund = {
    refund_id: 'kr_1',
    refund_no: 'ref_1',
    merchant_order_no: 'pay_1-1',
    status: 'succeeded',
    amount: 40,
    currency: 'TWD',
    failure_code: null,
  };
  const dispute = {
    dispute_id: 'kd_1',
    merchant_order_no: 'pay_1-1',
    status: 'open',
    amount: 100,
    currency: 'TWD',
    reason_code: 'fraudulent',
    evidence_due_at: '2026-01-08T00:00:00.000Z',
  };
  const news = (type: string, data: object) => event({ type, data: { order, ...data } });

  it.each<[string, object, object]>([
    [
      'a refund that was made',
      news('refund.succeeded', { refund }),
      { status: { kind: 'succeeded', refund: { providerRef: 'kr_1', amountMinor: '40', currency: 'TWD' } } },
    ],
    [
      'a refund that came to nothing',
      news('refund.failed', { refund: { ...refund, status: 'failed', failure_code: 'account_closed' } }),
      {
        status: { kind: 'declined', error: { code: 'customer_account_closed', rawCode: 'account_closed' } },
      },
    ],
    [
      'a refund of a status we do not know',
      news('refund.succeeded', { refund: { ...refund, status: 'levitating' } }),
      { status: { kind: 'unknown' } },
    ],
  ])('%s is told under the number of the refund', (_name, content, expected) => {
    expect(verdict(content)).toMatchObject({
      kind: 'verified',
      event: {
        eventId: 'evt_1',
        about: 'refund',
        reference: 'ref_1',
        chargeReference: 'pay_1-1',
        ...expected,
      },
    });
  });

  it.each([
    ['open', 'opened'],
    ['won', 'won'],
    ['lost', 'lost'],
  ])('a dispute that is %s is %s in our words', (status, state) => {
    expect(verdict(news('dispute.opened', { dispute: { ...dispute, status } }))).toMatchObject({
      kind: 'verified',
      event: {
        about: 'dispute',
        reference: 'pay_1-1',
        dispute: {
          providerRef: 'kd_1',
          state,
          amountMinor: '100',
          currency: 'TWD',
          reasonCode: 'fraudulent',
          evidenceDueAt: '2026-01-08T00:00:00.000Z',
        },
      },
    });
  });

  it('a dispute in a word we do not know is kept, and nothing is made of it', () => {
    const content = news('dispute.opened', { dispute: { ...dispute, status: 'constructor' } });
    expect(verdict(content)).toEqual({ kind: 'irrelevant', eventId: 'evt_1' });
  });

  it.each<[string, object]>([
    ['no refund', news('refund.succeeded', { refund: null })],
    ['the refund of another order', news('refund.failed', { refund: { ...refund, merchant_order_no: 'x' } })],
    ['no dispute', news('dispute.won', {})],
    [
      'the dispute of another order',
      news('dispute.won', { dispute: { ...dispute, merchant_order_no: 'x' } }),
    ],
  ])('with %s is malformed', (_name, content) => {
    expect(verdict(content).kind).toBe('malformed');
  });

  it('that does not read is told so in plain words', () => {
    const ordered = event({ data: { order: { ...order, amount: 1.5 } } });
    expect(verdict(ordered)).toEqual({
      kind: 'malformed',
      reason: 'the order in the event does not read: amount: wants a whole number',
    });
  });

  it.each(['payout.made', 'payment.blessed', '__proto__'])(
    '%s is genuine and none of a payment’s business',
    (type) => expect(verdict(event({ type }))).toEqual({ kind: 'irrelevant', eventId: 'evt_1' }),
  );

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no event', '[]'],
    ['no id', event({ id: undefined })],
    ['an endless id', event({ id: 'x'.repeat(256) })],
    ['no order', event({ data: {} })],
    ['an order that does not read', event({ data: { order: { ...order, amount: 1.5 } } })],
  ])('with %s is malformed', (_name, content) => {
    expect(verdict(content).kind).toBe('malformed');
  });

  it('of another merchant is forged, though KPay signed it', () => {
    expect(verdict(event({ data: { order: { ...order, merchant_id: 'M2' } } })).kind).toBe('forged');
  });
});
