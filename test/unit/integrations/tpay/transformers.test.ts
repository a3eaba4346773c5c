import type { CallOutcome } from '../../../../integrations/call-outcome';
import type { ChargeRequest, RefundRequest } from '../../../../integrations/channels/payment-provider';
import { classifyTpay } from '../../../../integrations/channels/tpay/classification';
import { instantOf } from '../../../../integrations/channels/tpay/messages';
import { refundOutcome, refundStatus } from '../../../../integrations/channels/tpay/refunds';
import { chargeOutcome, chargeStatus, newTrade } from '../../../../integrations/channels/tpay/transformers';

const reference = 'pay_0193c1f27a5e7c3e9d1b5a0c2f4e6d8b-1';

const trade = (changes: object = {}) => ({
  trade_no: 'T1',
  out_trade_no: reference,
  state: 'WAIT_SCAN',
  amount: '100.00',
  currency: 'TWD',
  qr_content: 'https://wallet.tpay.example/1',
  fail_reason: '',
  ...changes,
});

const refund = (changes: object = {}) => ({
  refund_id: 'R1',
  out_refund_no: 'ref_1',
  out_trade_no: reference,
  state: 'SUCCESS',
  amount: '40.00',
  currency: 'TWD',
  fail_reason: '',
  ...changes,
});

const ok = (value: unknown): CallOutcome<unknown> => ({ kind: 'ok', status: 200, value });
const refused = (code: string): CallOutcome<unknown> => ({
  kind: 'declined',
  status: 200,
  code,
  value: null,
});
const lost: CallOutcome<unknown> = { kind: 'unknown', code: 'timeout', message: '' };
const busy: CallOutcome<unknown> = { kind: 'retryable', code: 'channel_busy', message: '' };
const unknown = (code: string) => ({ kind: 'unknown', error: { code } });

const request: ChargeRequest = {
  reference,
  amount: 100n,
  currency: 'TWD',
  description: 'Tea',
  webhookUrl: 'https://pay.example.com/hook',
  expiresAt: new Date('2026-01-01T00:30:00.200Z'),
  capture: 'automatic',
};

describe('the trade we ask for', () => {
  it('has whole dollars with two decimals, and ends no earlier than the payment', () => {
    expect(newTrade(request)).toEqual({
      ok: true,
      parameters: {
        out_trade_no: reference,
        amount: '100.00',
        currency: 'TWD',
        subject: 'Tea',
        notify_url: 'https://pay.example.com/hook',
        expire_at: '1767227401',
      },
    });
  });

  it.each<[Partial<ChargeRequest>, string]>([
    [{ capture: 'manual' }, 'capture_not_supported'],
    [{ currency: 'USD' }, 'currency_not_supported'],
    [{ amount: 0n }, 'amount_not_supported'],
    [{ amount: 200_001n }, 'amount_not_supported'],
  ])('is not sent with %j', (changes, code) => {
    expect(newTrade({ ...request, ...changes })).toMatchObject({
      ok: false,
      outcome: { kind: 'unavailable', error: { code } },
    });
  });
});

describe('what a trade says', () => {
  const nextAction = { type: 'qr_code', content: 'https://wallet.tpay.example/1' };
  const charge = { providerRef: 'T1', amountMinor: '100', currency: 'TWD' };

  it.each<[string, unknown, object, object]>([
    ['waiting', trade(), { kind: 'open', nextAction, providerRef: 'T1' }, { kind: 'action', nextAction }],
    ['scanned', trade({ state: 'SCANNED' }), { kind: 'open' }, { kind: 'action' }],
    ['without a code', trade({ qr_content: '' }), { kind: 'open' }, unknown('answer_unreadable')],
    ['paid', trade({ state: 'SUCCESS' }), { kind: 'succeeded', charge }, { kind: 'succeeded', charge }],
    [
      'paid, and when',
      trade({ state: 'SUCCESS', time_paid: '2026-01-01 08:02:11' }),
      { charge: { movedAt: '2026-01-01T00:02:11.000Z' } },
      { charge: { movedAt: '2026-01-01T00:02:11.000Z' } },
    ],
    [
      'paid at a time that is none',
      trade({ state: 'SUCCESS', time_paid: 'soon' }),
      { kind: 'succeeded', charge: { ...charge, movedAt: undefined } },
      { kind: 'succeeded', charge: { ...charge, movedAt: undefined } },
    ],
    [
      'paid, but nothing',
      trade({ state: 'SUCCESS', amount: '0.00' }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    ['closed', trade({ state: 'CLOSED' }), { kind: 'cancelled' }, { kind: 'declined' }],
    [
      'a word of the future',
      trade({ state: 'LEVITATING' }),
      unknown('unknown_status'),
      unknown('unknown_status'),
    ],
    ['cents', trade({ amount: '100.50' }), unknown('answer_unreadable'), unknown('answer_unreadable')],
    ['a number', trade({ amount: 100 }), unknown('answer_unreadable'), unknown('answer_unreadable')],
    [
      'leading zeros',
      trade({ amount: '0100.00' }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    [
      'dollars of another land',
      trade({ currency: 'USD' }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    [
      'another trade',
      trade({ out_trade_no: 'x' }),
      unknown('reference_mismatch'),
      unknown('reference_mismatch'),
    ],
    ['nothing', null, unknown('answer_unreadable'), unknown('answer_unreadable')],
  ])('%s', (_name, body, status, outcome) => {
    expect(chargeStatus(reference, ok(body))).toMatchObject(status);
    expect(chargeOutcome(request, ok(body))).toMatchObject(outcome);
  });

  it.each([
    ['USER_DECLINED', 'customer_cancelled'],
    ['BALANCE_NOT_ENOUGH', 'insufficient_funds'],
    ['RISK_REJECTED', 'fraud_suspected'],
    ['PHONE_ON_FIRE', 'declined'],
    ['toString', 'declined'],
  ])('fail reason %s is our %s', (raw, code) => {
    const status = chargeStatus(reference, ok(trade({ state: 'FAIL', fail_reason: raw })));
    expect(status).toMatchObject({ kind: 'declined', error: { code, rawCode: raw } });
  });

  it.each<[CallOutcome<unknown>, string, string]>([
    [refused('1001'), 'unavailable', 'request_rejected'],
    [refused('2001'), 'unknown', 'reference_conflict'],
    [refused('2005'), 'unavailable', 'amount_not_supported'],
    [refused('2006'), 'unavailable', 'currency_not_supported'],
    [refused('3003'), 'unknown', 'provider_error'],
    [busy, 'unavailable', 'channel_busy'],
    [lost, 'unknown', 'timeout'],
  ])('a creation answered with %j is %s', (outcome, kind, code) => {
    expect(chargeOutcome(request, outcome)).toMatchObject({ kind, error: { code } });
  });

  it('is not found only by the one code that says so', () => {
    expect(chargeStatus(reference, refused('2002'))).toEqual({ kind: 'not_found' });
    for (const outcome of [refused('1001'), refused('3001'), busy, lost]) {
      expect(chargeStatus(reference, outcome).kind).toBe('unknown');
    }
  });
});

describe('what a refund says', () => {
  const asked: RefundRequest = {
    chargeReference: reference,
    providerRef: 'T1',
    reference: 'ref_1',
    amount: 40n,
    currency: 'TWD',
    reason: '',
  };

  it.each<[string, unknown, object]>([
    ['on its way', refund({ state: 'PROCESSING' }), { kind: 'pending', providerRef: 'R1' }],
    [
      'made',
      refund(),
      { kind: 'succeeded', refund: { providerRef: 'R1', amountMinor: '40', currency: 'TWD' } },
    ],
    [
      'to a closed wallet',
      refund({ state: 'FAIL', fail_reason: 'WALLET_CLOSED' }),
      { kind: 'declined', error: { code: 'customer_account_closed', rawCode: 'WALLET_CLOSED' } },
    ],
    [
      'failed otherwise',
      refund({ state: 'FAIL', fail_reason: 'X' }),
      { kind: 'declined', error: { code: 'refund_failed' } },
    ],
    ['a word of the future', refund({ state: 'X' }), unknown('unknown_status')],
    ['of another trade', refund({ out_trade_no: 'x' }), unknown('reference_mismatch')],
    ['another one', refund({ out_refund_no: 'x' }), unknown('reference_mismatch')],
    ['of nothing', refund({ amount: '0.00' }), unknown('answer_unreadable')],
  ])('%s', (_name, body, expected) => {
    expect(refundOutcome(asked, ok(body))).toMatchObject(expected);
    expect(refundStatus(asked, ok(body))).toMatchObject(expected);
  });

  it.each<[CallOutcome<unknown>, string, string]>([
    [refused('1001'), 'declined', 'request_rejected'],
    [refused('2002'), 'declined', 'charge_not_found'],
    [refused('3002'), 'unknown', 'reference_conflict'],
    [refused('3003'), 'declined', 'refund_exceeds_paid'],
    [refused('3004'), 'declined', 'not_refundable'],
    [refused('2006'), 'unknown', 'provider_error'],
    [busy, 'unavailable', 'channel_busy'],
    [lost, 'unknown', 'timeout'],
  ])('a refund answered with %j is %s', (outcome, kind, code) => {
    expect(refundOutcome(asked, outcome)).toMatchObject({ kind, error: { code } });
  });

  it('is not found only by the one code that says so', () => {
    expect(refundStatus(asked, refused('3001'))).toEqual({ kind: 'not_found' });
    for (const outcome of [refused('2002'), busy, lost]) {
      expect(refundStatus(asked, outcome).kind).toBe('unknown');
    }
  });
});

describe('how an exchange with TPay went', () => {
  const answered = (status: number, body: string) => classifyTpay({ kind: 'answered', status, body });

  it.each<[string, string, object]>([
    ['0000', '{"code":"0000","data":{"a":1}}', { kind: 'ok', value: { a: 1 } }],
    ['a refusal', '{"code":"2002","data":null}', { kind: 'declined', code: '2002' }],
    ['a wrong signature', '{"code":"1002"}', { kind: 'misconfigured' }],
    ['a used nonce', '{"code":"1003"}', { kind: 'misconfigured' }],
    ['busy', '{"code":"5001"}', { kind: 'retryable', code: 'channel_unavailable' }],
    ['too many', '{"code":"5002"}', { kind: 'retryable', code: 'rate_limited' }],
    ['a system error', '{"code":"9999"}', { kind: 'unknown', code: 'provider_error' }],
    ['a code of the future', '{"code":"7777"}', { kind: 'unknown', code: 'provider_error' }],
    ['a code that is a number', '{"code":0}', { kind: 'unknown', code: 'answer_unreadable' }],
    ['HTML', '<html>', { kind: 'unknown', code: 'answer_unreadable' }],
  ])('200 with %s', (_name, body, expected) => {
    expect(answered(200, body)).toMatchObject(expected);
  });

  it.each([
    [500, 'unknown'],
    [201, 'unknown'],
    [302, 'misconfigured'],
    [403, 'misconfigured'],
    [404, 'misconfigured'],
    [429, 'retryable'],
  ])('HTTP %s is %s, whatever is in it', (status, kind) => {
    expect(answered(status, '{"code":"0000","data":{}}').kind).toBe(kind);
  });
});

it('reads the clock of Taipei', () => {
  expect(instantOf('2026-01-01 08:00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(instantOf('2026-13-01 08:00:00')).toBeUndefined();
  expect(instantOf('2026-02-30 08:00:00')).toBeUndefined();
});
