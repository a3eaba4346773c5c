import fc from '../../support/properties';
import { paymentStatuses, isPaid, mayBecome } from '../../../domain/payment/status';
import {
  decideAcceptedRefund,
  decideRefund,
  isRefusal,
  refusalError,
  statusAfterRefund,
  type AcceptedMoney,
  type RefundedPayment,
  type RefundWish,
} from '../../../domain/refund/refusal';

const paid: RefundedPayment = { status: 'succeeded', captured: 100n, refundReserved: 0n };
const wish: RefundWish = {
  amount: 40n,
  ability: { refund: 'partial' },
  balances: { pending: 1_000n, available: 1_000n },
  fund: (amount) => ({ fee: 0n, merchant: amount, cost: amount }),
  allowance: 0n,
};
/** A tenth of it is fee that goes back. */
const fund: RefundWish['fund'] = (amount) => ({
  fee: amount / 10n,
  merchant: amount - amount / 10n,
  cost: amount - amount / 10n,
});

test.each<[string, Partial<RefundedPayment>, Partial<RefundWish>, object]>([
  ['a part', {}, {}, { kind: 'reserve', amount: 40n, from: 'pending' }],
  ['all that is left', { refundReserved: 30n }, { amount: undefined }, { kind: 'reserve', amount: 70n }],
  ['exactly what is left', { refundReserved: 60n }, {}, { kind: 'reserve', amount: 40n }],
  ['more than is left', { refundReserved: 61n }, {}, { refusal: 'refund_exceeds_captured' }],
  [
    'all where nothing is left',
    { refundReserved: 100n },
    { amount: undefined },
    { refusal: 'refund_exceeds_captured' },
  ],
  ['from available', {}, { balances: { pending: 39n, available: 40n } }, { from: 'available' }],
  [
    'neither balance carries it alone',
    {},
    { balances: { pending: 39n, available: 39n } },
    { refusal: 'insufficient_balance' },
  ],
  [
    'what we give back of the fee need not be there',
    {},
    { balances: { pending: 36n, available: 0n }, fund },
    { from: 'pending' },
  ],
  [
    'not a unit less',
    {},
    { balances: { pending: 35n, available: 0n }, fund },
    { refusal: 'insufficient_balance' },
  ],
  [
    'below zero as far as it is allowed',
    {},
    { balances: { pending: -10n, available: 0n }, allowance: 50n },
    { from: 'pending' },
  ],
  [
    'not a unit further',
    {},
    { balances: { pending: -11n, available: 0n }, allowance: 50n },
    { refusal: 'insufficient_balance' },
  ],
  [
    'available before an allowance',
    {},
    { balances: { pending: 0n, available: 40n }, allowance: 50n },
    { from: 'available' },
  ],
  ['the channel refunds nothing', {}, { ability: { refund: 'none' } }, { refusal: 'refund_not_supported' }],
  ['the channel refunds no parts', {}, { ability: { refund: 'full' } }, { refusal: 'refund_not_supported' }],
  ['the whole, where only that goes', {}, { ability: { refund: 'full' }, amount: 100n }, { kind: 'reserve' }],
  ['only reserved so far', { status: 'authorized', captured: 0n }, {}, { kind: 'wait' }],
  ['disputed', { status: 'disputed' }, {}, { refusal: 'payment_disputed' }],
  [
    'captured in part, the rest reserved',
    { status: 'authorized', refundReserved: 30n },
    { amount: undefined },
    { kind: 'reserve', amount: 70n },
  ],
  ['more than that', { status: 'authorized' }, { amount: 101n }, { refusal: 'refund_exceeds_captured' }],
  [
    'more than that, and more is just being captured',
    { status: 'authorized', isCaptureUnderWay: true },
    { amount: 101n },
    { kind: 'wait' },
  ],
  [
    'all of it that is not disputed',
    { status: 'authorized', refundReserved: 30n, disputed: 20n },
    { amount: undefined },
    { kind: 'reserve', amount: 50n },
  ],
  ['what is disputed', { status: 'authorized', disputed: 61n }, {}, { refusal: 'payment_disputed' }],
  [
    'what is disputed, and more is just being captured',
    { status: 'authorized', disputed: 61n, isCaptureUnderWay: true },
    {},
    { kind: 'wait' },
  ],
  [
    'a part of a charge that may grow, where the channel gives back whole charges',
    { status: 'authorized' },
    { amount: 100n, ability: { refund: 'full' } },
    { refusal: 'refund_not_supported' },
  ],
  ['never paid', { status: 'expired', captured: 0n }, {}, { refusal: 'not_refundable' }],
])('%s', (_name, payment, asked, expected) => {
  expect(decideRefund({ ...paid, ...payment }, { ...wish, ...asked })).toMatchObject(expected);
});

test('however they come, refunds together never exceed what was captured', () => {
  const amounts = fc.array(fc.bigInt({ min: -5n, max: 200n }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 300n }), amounts, (captured, wanted) => {
      let refundReserved = 0n;
      for (const amount of wanted) {
        const decision = decideRefund({ ...paid, captured, refundReserved }, { ...wish, amount });
        if (decision.kind === 'reserve') {
          expect(decision.amount).toBeGreaterThan(0n);
          refundReserved += decision.amount;
        }
      }
      expect(refundReserved <= captured).toBe(true);
    }),
  );
});

test('a refund takes a paid payment only where it may go', () => {
  for (const status of paymentStatuses.filter(isPaid)) {
    for (const refunded of [1n, 99n, 100n]) {
      if (status === 'refunded' && refunded < 100n) continue;
      expect(mayBecome(status, statusAfterRefund(status, refunded, 100n))).toBe(true);
    }
  }
  expect(statusAfterRefund('succeeded', 99n, 100n)).toBe('partially_refunded');
  expect(statusAfterRefund('partially_refunded', 100n, 100n)).toBe('refunded');
  expect(statusAfterRefund('disputed', 100n, 100n)).toBe('disputed');
});

test('a refusal is told from what a channel says', () => {
  expect(isRefusal(refusalError('insufficient_balance').code)).toBe(true);
  expect(isRefusal('customer_account_closed')).toBe(false);
});

test.each<[string, Partial<AcceptedMoney>, Partial<RefundWish>, object]>([
  ['a part of accepted money', {}, {}, { kind: 'reserve', amount: 40n }],
  ['all of it that is left', { refundReserved: 30n }, { amount: undefined }, { amount: 70n }],
  ['beside what is disputed', { disputed: 60n }, {}, { amount: 40n }],
  ['what is disputed', { disputed: 61n }, {}, { refusal: 'payment_disputed' }],
  ['all where all is disputed', { disputed: 100n }, { amount: undefined }, { refusal: 'payment_disputed' }],
  [
    'more than there was, disputed or not',
    { disputed: 61n },
    { amount: 101n },
    { refusal: 'refund_exceeds_captured' },
  ],
  [
    'refunded, and then disputed besides',
    { refundReserved: 100n, disputed: 100n },
    {},
    { refusal: 'refund_exceeds_captured' },
  ],
])('%s', (_what, money, asked, decision) => {
  const accepted = { accepted: 100n, refundReserved: 0n, disputed: 0n, ...money };
  expect(decideAcceptedRefund(accepted, { ...wish, ...asked })).toMatchObject(decision);
});
