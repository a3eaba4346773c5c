import type { CallOutcome } from '../../../../integrations/call-outcome';
import {
  chargeOutcome,
  chargeStatus,
  createOrder,
  kpayErrors,
  orderBody,
} from '../../../../integrations/channels/kpay/transformers';
import type { ChargeRequest } from '../../../../integrations/channels/payment-provider';

const reference = 'pay_0193c1f27a5e7c3e9d1b5a0c2f4e6d8b-1';

const order = (changes: object = {}) => ({
  order_id: 'kp_1',
  merchant_id: 'M1',
  merchant_order_no: reference,
  status: 'pending',
  amount: 100,
  currency: 'TWD',
  refunded_amount: 0,
  checkout_url: 'https://checkout.kpay.example/checkout/1',
  failure_code: null,
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-01-01T00:30:00.000Z',
  paid_at: null,
  ...changes,
});

const paid = (changes: object = {}) =>
  order({ status: 'paid', paid_at: '2026-01-01T00:02:11.000Z', ...changes });
const ok = (value: unknown): CallOutcome<unknown> => ({ kind: 'ok', status: 200, value });
const refused = (code: string, more: object = {}): CallOutcome<unknown> => ({
  kind: 'declined',
  status: 409,
  code,
  value: { error: { code, message: '', ...more } },
});

const request: ChargeRequest = {
  reference,
  amount: 100n,
  currency: 'TWD',
  description: 'Tea',
  webhookUrl: 'https://pay.example.com/hook',
  expiresAt: new Date('2026-01-01T00:30:00Z'),
  capture: 'automatic',
};

describe('the order we send', () => {
  it('has our reference as its number and the amount in digits', () => {
    expect(
      JSON.parse(orderBody(createOrder({ ...request, returnUrl: 'https://shop.example' }, {})!)),
    ).toEqual({
      merchant_order_no: reference,
      amount: 100,
      currency: 'TWD',
      capture: 'automatic',
      description: 'Tea',
      notify_url: 'https://pay.example.com/hook',
      return_url: 'https://shop.example',
      expires_at: '2026-01-01T00:30:00.000Z',
    });
  });

  it('writes the largest amount digit by digit', () => {
    expect(orderBody(createOrder({ ...request, amount: 999_999_999_999n }, {})!)).toContain(
      '"amount":999999999999,',
    );
  });

  it.each([0n, -1n, 1_000_000_000_000n, 10n ** 30n])('is not made for %s', (amount) => {
    expect(createOrder({ ...request, amount }, {})).toBeUndefined();
  });

  it.each<[string, string[] | undefined, string | undefined, string | undefined]>([
    ['all, where nothing is said', undefined, undefined, undefined],
    ['all of them', ['card', 'wallet'], undefined, undefined],
    ['one alone, which is asked for', ['wallet'], undefined, 'wallet'],
    ['one alone, written twice', ['card', 'card'], undefined, 'card'],
    ['both, of which the merchant wants one', ['card', 'wallet'], 'card', 'card'],
  ])('lets the customer choose only among what is offered: %s', (_what, methods, method, asked) => {
    expect(createOrder({ ...request, method }, { methods })?.method).toBe(asked);
  });
});

describe('what an order says', () => {
  const charge = { providerRef: 'kp_1', amountMinor: '100', currency: 'TWD' };
  const nextAction = { type: 'redirect', url: 'https://checkout.kpay.example/checkout/1' };
  const unknown = (code: string) => ({ kind: 'unknown', error: { code } });

  it.each<[string, unknown, object, object]>([
    [
      'pending',
      order(),
      { kind: 'open', nextAction, providerRef: 'kp_1' },
      { kind: 'action', nextAction, providerRef: 'kp_1' },
    ],
    [
      'processing',
      order({ status: 'processing' }),
      { kind: 'processing', providerRef: 'kp_1' },
      { kind: 'processing', providerRef: 'kp_1' },
    ],
    ['pending without a page', order({ checkout_url: null }), { kind: 'open' }, unknown('answer_unreadable')],
    ['paid', paid(), { kind: 'succeeded', charge }, { kind: 'succeeded', charge }],
    [
      'paid, and when',
      paid(),
      { charge: { movedAt: '2026-01-01T00:02:11.000Z' } },
      { charge: { movedAt: '2026-01-01T00:02:11.000Z' } },
    ],
    [
      'paid in cents',
      paid({ currency: 'USD', amount: 10_050 }),
      { kind: 'succeeded', charge: { amountMinor: '10050' } },
      { kind: 'succeeded' },
    ],
    [
      'reserved',
      order({ status: 'authorized' }),
      { kind: 'authorized', charge },
      { kind: 'authorized', charge },
    ],
    [
      'paid by captures',
      paid({ captured_amount: 40 }),
      { kind: 'succeeded', charge: { amountMinor: '40' } },
      { kind: 'succeeded' },
    ],
    [
      'paid by captures of nothing',
      paid({ captured_amount: 0 }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    [
      'failed',
      order({ status: 'failed', failure_code: 'card_declined' }),
      { kind: 'declined', error: { code: 'card_declined', rawCode: 'card_declined' } },
      { kind: 'declined' },
    ],
    [
      'cancelled',
      order({ status: 'cancelled' }),
      { kind: 'cancelled' },
      { kind: 'declined', error: { code: 'order_closed' } },
    ],
    [
      'expired',
      order({ status: 'expired' }),
      { kind: 'cancelled' },
      { kind: 'declined', error: { code: 'order_closed' } },
    ],
    [
      'a word we do not know',
      order({ status: 'levitating' }),
      unknown('unknown_status'),
      unknown('unknown_status'),
    ],
    [
      'a word of JavaScript’s',
      order({ status: 'constructor' }),
      unknown('unknown_status'),
      unknown('unknown_status'),
    ],
    [
      'paid, but not when',
      paid({ paid_at: null }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    ['paid, but nothing', paid({ amount: 0 }), unknown('answer_unreadable'), unknown('answer_unreadable')],
    [
      'another order',
      paid({ merchant_order_no: 'other-1' }),
      unknown('reference_mismatch'),
      unknown('reference_mismatch'),
    ],
    [
      'an amount in decimals',
      paid({ amount: 100.5 }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    [
      'an amount as text',
      paid({ amount: '100' }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    [
      'an amount that lost digits',
      paid({ amount: 9_007_199_254_740_993 }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    ['a negative amount', paid({ amount: -1 }), unknown('answer_unreadable'), unknown('answer_unreadable')],
    [
      'a page that is a script',
      order({ checkout_url: 'javascript:alert(1)' }),
      unknown('answer_unreadable'),
      unknown('answer_unreadable'),
    ],
    ['null', null, unknown('answer_unreadable'), unknown('answer_unreadable')],
    ['an empty object', {}, unknown('answer_unreadable'), unknown('answer_unreadable')],
  ])('%s', (_name, body, status, outcome) => {
    expect(chargeStatus(reference, ok(body))).toMatchObject(status);
    expect(chargeOutcome(reference, ok(body))).toMatchObject(outcome);
  });

  it.each([
    ['card_declined', 'card_declined'],
    ['insufficient_funds', 'insufficient_funds'],
    ['customer_cancelled', 'customer_cancelled'],
    ['risk_rejected', 'fraud_suspected'],
    ['bank_on_fire', 'declined'],
    ['toString', 'declined'],
  ])('failure code %s is our %s', (raw, code) => {
    const status = chargeStatus(reference, ok(order({ status: 'failed', failure_code: raw })));
    expect(status).toMatchObject({ kind: 'declined', error: { code, rawCode: raw } });
  });
});

describe('refusals and failures', () => {
  it.each<[string, CallOutcome<unknown>, string, string]>([
    ['order_conflict', refused('order_conflict'), 'unknown', 'reference_conflict'],
    ['order_closed', refused('order_closed'), 'declined', 'order_closed'],
    ['amount_out_of_range', refused('amount_out_of_range'), 'unavailable', 'amount_not_supported'],
    ['currency_not_supported', refused('currency_not_supported'), 'unavailable', 'currency_not_supported'],
    ['invalid_request', refused('invalid_request'), 'unavailable', 'request_rejected'],
    ['a new code', refused('something_new'), 'unavailable', 'request_rejected'],
    ['busy', { kind: 'retryable', code: 'channel_busy', message: '' }, 'unavailable', 'channel_busy'],
    [
      'wrong key',
      { kind: 'misconfigured', code: 'channel_misconfigured', message: '' },
      'unavailable',
      'channel_misconfigured',
    ],
    ['time-out', { kind: 'unknown', code: 'timeout', message: '' }, 'unknown', 'timeout'],
  ])('of a creation: %s', (_name, outcome, kind, code) => {
    expect(chargeOutcome(reference, outcome)).toMatchObject({ kind, error: { code } });
  });

  it.each<[string, CallOutcome<unknown>, object]>([
    ['order_not_found', refused('order_not_found'), { kind: 'not_found' }],
    ['already_paid', refused('already_paid', { order: paid() }), { kind: 'succeeded' }],
    ['already_paid without the order', refused('already_paid'), { kind: 'unknown' }],
    [
      'already_paid with another order',
      refused('already_paid', { order: paid({ merchant_order_no: 'x' }) }),
      { kind: 'unknown' },
    ],
    ['a new code', refused('something_new'), { kind: 'unknown', error: { rawCode: 'something_new' } }],
    // A query that failed has learnt nothing, however certain it is that it changed nothing.
    ['nobody there', { kind: 'retryable', code: 'connection_refused', message: '' }, { kind: 'unknown' }],
    ['wrong key', { kind: 'misconfigured', code: 'channel_misconfigured', message: '' }, { kind: 'unknown' }],
    [
      'time-out',
      { kind: 'unknown', code: 'timeout', message: '' },
      { kind: 'unknown', error: { code: 'timeout' } },
    ],
  ])('of a query or cancellation: %s', (_name, outcome, status) => {
    expect(chargeStatus(reference, outcome)).toMatchObject(status);
  });

  it('reads KPay’s code only from KPay’s kind of error', () => {
    expect(kpayErrors.codeOf({ error: { code: 'order_not_found', message: '' } })).toBe('order_not_found');
    for (const body of [
      null,
      [],
      'no',
      {},
      { error: 'no' },
      { error: { code: 4 } },
      { code: 'order_not_found' },
    ]) {
      expect(kpayErrors.codeOf(body)).toBeUndefined();
    }
  });
});
