import { creditState, type CreditState } from '../../../../integrations/channels/ecpay/credit';
import { nextSteps, refundPlan } from '../../../../integrations/channels/ecpay/refund-plan';
import type { Look } from '../../../../integrations/channels/ecpay/look';

type Entry = [status: string, amount: bigint];

const credit = (status: string, entries: Entry[] = [], clsamt = 0n) =>
  creditState({
    TradeID: '1',
    amount: 100n,
    clsamt,
    status,
    close_data: entries.map(([word, amount]) => ({ status: word, amount })),
  });

it.each<[string, CreditState, Partial<CreditState>]>([
  ['reserved', credit('已授權'), { stage: 'authorized', captured: 0n, refunded: 0n }],
  ['told to close', credit('要關帳', [['要關帳', 100n]]), { stage: 'closing', captured: 100n }],
  ['told to close, by the status alone', credit('要關帳', [], 100n), { stage: 'closing', captured: 100n }],
  ['at the bank', credit('關帳中', [['關帳中', 100n]]), { stage: 'closed', captured: 100n }],
  ['closed', credit('已關帳', [['已關帳', 100n]]), { stage: 'closed', captured: 100n, refunded: 0n }],
  [
    'closed, a part given back and told to close',
    credit('已關帳', [
      ['已關帳', 100n],
      ['已關帳', -30n],
      ['要關帳', -20n],
    ]),
    { stage: 'closed', captured: 100n, refunded: 50n },
  ],
  [
    'a closing that was taken back',
    credit('已授權', [['操作取消', 100n]]),
    { stage: 'authorized', captured: 0n, refunded: 0n },
  ],
  [
    'a refund that the bank did not take',
    credit('已關帳', [
      ['已關帳', 100n],
      ['批次失敗', -30n],
    ]),
    { stage: 'closed', refunded: 0n },
  ],
  ['given up', credit('已取消'), { stage: 'cancelled', refunded: 100n }],
  ['never authorised', credit('銀行拒絕'), { stage: 'refused' }],
  ['a word nobody knows', credit('銀行追回中'), { stage: 'other', raw: '銀行追回中' }],
])('a card is %s', (_what, state, expected) => {
  expect(state).toMatchObject(expected);
});

const states = {
  authorized: credit('已授權'),
  closing: credit('要關帳', [['要關帳', 100n]]),
  partly: credit('要關帳', [
    ['要關帳', 100n],
    ['要關帳', -30n],
  ]),
  closed: credit('已關帳', [['已關帳', 100n]]),
};

it.each<[keyof typeof states, bigint, string[]]>([
  ['authorized', 100n, ['N 100']],
  ['authorized', 40n, ['C 100', 'R 40']],
  ['closing', 100n, ['E 100', 'N 100']],
  ['closing', 40n, ['R 40']],
  ['partly', 70n, ['R 70']],
  ['closed', 100n, ['R 100']],
  ['closed', 40n, ['R 40']],
])('%s, %d given back: %j', (state, amount, steps) => {
  const made = nextSteps(states[state], { amount });
  expect(made.map((step) => `${step.action} ${step.amount}`)).toEqual(steps);
  // Only the last step leaves a doubt about the money.
  expect(made.map(({ givesBack }) => givesBack)).toEqual(steps.map((_step, at) => at === steps.length - 1));
});

const card = (state: CreditState) =>
  ({ kind: 'card', trade: { TradeNo: 'T1' }, credit: state }) as Look & { kind: 'card' };
const query = (amount: bigint, refundedBefore = 0n, currency = 'TWD') => ({
  chargeReference: 'pay_1-1',
  providerRef: 'T1',
  reference: 'ref_1',
  amount,
  currency,
  refundedBefore,
});

it.each<[string, Parameters<typeof refundPlan>, object]>([
  ['to be made', [query(100n), card(states.closed)], { kind: 'act', refund: { providerRef: 'T1:R100' } }],
  [
    'made already',
    [query(30n), card(states.partly)],
    { kind: 'succeeded', refund: { providerRef: 'T1:R30', amountMinor: '30' } },
  ],
  [
    'the next one',
    [query(70n, 30n), card(states.partly)],
    { kind: 'act', refund: { providerRef: 'T1:R100' } },
  ],
  [
    'of another sum than is known',
    [query(50n), card(states.partly)],
    { kind: 'unknown', error: { code: 'refunds_differ' } },
  ],
  ['of a sum that ECPay has not given back', [query(50n, 30n), card(states.closed)], { kind: 'unknown' }],
  [
    'too much',
    [query(101n), card(states.closed)],
    { kind: 'declined', error: { code: 'refund_exceeds_paid' } },
  ],
  ['all, by giving up', [query(100n), card(credit('已取消'))], { kind: 'succeeded' }],
  ['more, after giving up', [query(1n, 100n), card(credit('已取消'))], { kind: 'declined' }],
  [
    'of a card never charged',
    [query(1n), card(credit('未授權'))],
    { kind: 'declined', error: { code: 'not_refundable' } },
  ],
  ['in a state nobody knows', [query(1n), card(credit('不明'))], { kind: 'unavailable' }],
  [
    'in another currency',
    [query(1n, 0n, 'USD'), card(states.closed)],
    { kind: 'declined', error: { code: 'currency_not_supported' } },
  ],
  [
    'of no card',
    [query(1n), { kind: 'not_card' }],
    { kind: 'declined', error: { code: 'refund_not_supported' } },
  ],
  [
    'of what is not paid',
    [query(1n), { kind: 'not_paid' }],
    { kind: 'declined', error: { code: 'not_refundable' } },
  ],
  [
    'of no trade',
    [query(1n), { kind: 'not_found' }],
    { kind: 'declined', error: { code: 'charge_not_found' } },
  ],
])('a refund %s', (_what, asked, plan) => {
  expect(refundPlan(...asked)).toMatchObject(plan);
});
