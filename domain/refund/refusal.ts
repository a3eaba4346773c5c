import type { ChannelError } from '../payment/outcome';
import type { PaymentStatus } from '../payment/status';
import { isPaid } from '../payment/status';
import type { Funding } from './funding';

/** Why nothing is set aside for a refund. It is written down as failed, and nothing has moved. */
export type RefundRefusal =
  | 'not_refundable'
  | 'not_accepted'
  | 'payment_disputed'
  | 'refund_exceeds_captured'
  | 'insufficient_balance'
  | 'refund_not_supported';

export interface RefundedPayment {
  status: PaymentStatus;
  captured: bigint;
  refundReserved: bigint;
  /** Withheld by a dispute that runs, or lost to one, while what is not can be refunded. */
  disputed?: bigint;
  /** Asked of a payment that is still authorised: more may be captured in a moment. */
  isCaptureUnderWay?: boolean;
}

export interface RefundAbility {
  refund: 'none' | 'full' | 'partial';
}

export interface RefundWish {
  /** Undefined: all that is left. */
  amount: bigint | undefined;
  ability: RefundAbility;
  /** Who gives how much of it. */
  fund(amount: bigint): Funding;
  /** Of the currency that the merchant settles in. */
  balances: { pending: bigint; available: bigint };
  /** So far below zero an operator lets the pending balance go. */
  allowance: bigint;
}

export type RefundDecision =
  | { kind: 'reserve'; amount: bigint; funding: Funding; from: 'pending' | 'available' }
  /** A capture is under way, and what it takes can be given back then. */
  | { kind: 'wait' }
  | { kind: 'refused'; refusal: RefundRefusal };

/** Whether a refund may be set aside, and from which balance; asked under the lock of the payment's row. */
export function decideRefund(payment: RefundedPayment, wish: RefundWish): RefundDecision {
  const isReserved = payment.status === 'authorized';
  if (isReserved && payment.captured === 0n) return { kind: 'wait' };
  if (payment.status === 'disputed') return refuse('payment_disputed');
  if (!isReserved && !isPaid(payment.status)) return refuse('not_refundable');
  const notGivenBack = payment.captured - payment.refundReserved;
  const left = notGivenBack - (payment.disputed ?? 0n);
  const amount = wish.amount ?? left;
  if (amount <= 0n || amount > left) {
    if (payment.isCaptureUnderWay === true) return { kind: 'wait' };
    const isForDispute = left < notGivenBack && notGivenBack >= (wish.amount ?? 1n);
    return refuse(isForDispute ? 'payment_disputed' : 'refund_exceeds_captured');
  }
  // What is captured so far is not the whole charge while more of it may be.
  const isWhole = amount === payment.captured && !isReserved;
  if (wish.ability.refund === 'none' || (wish.ability.refund === 'full' && !isWhole)) {
    return refuse('refund_not_supported');
  }
  const funding = wish.fund(amount);
  const from = balanceFor(funding.cost, wish);
  return from === undefined ? refuse('insufficient_balance') : { kind: 'reserve', amount, funding, from };
}

export interface AcceptedMoney {
  /** What the merchant was given. */
  accepted: bigint;
  refundReserved: bigint;
  /** Withheld by a dispute that runs, or lost to one. */
  disputed: bigint;
}

/**
 * The same for late money that the merchant was given, whatever its payment is: what a dispute withholds or has taken of
 * it can't be refunded besides, and the rest can.
 */
export function decideAcceptedRefund(money: AcceptedMoney, wish: RefundWish): RefundDecision {
  const { accepted: captured, refundReserved, disputed } = money;
  return decideRefund({ status: 'succeeded', captured, refundReserved, disputed }, wish);
}

/** One balance carries all of it; below zero only pending goes, and no further than it is allowed. */
function balanceFor(cost: bigint, { balances, allowance }: RefundWish): 'pending' | 'available' | undefined {
  if (balances.pending >= cost) return 'pending';
  if (balances.available >= cost) return 'available';
  return balances.pending + allowance >= cost ? 'pending' : undefined;
}

/**
 * What a payment becomes when so much of it has been given back. A disputed one stays disputed, and one of which more
 * may be captured stays authorised until that is over.
 */
export function statusAfterRefund(status: PaymentStatus, refunded: bigint, captured: bigint): PaymentStatus {
  if (status === 'disputed' || !isPaid(status)) return status;
  return refunded >= captured ? 'refunded' : 'partially_refunded';
}

function refuse(refusal: RefundRefusal): RefundDecision {
  return { kind: 'refused', refusal };
}

const messages: Readonly<Record<RefundRefusal, string>> = {
  not_refundable: 'The payment is not paid, so there is nothing to give back.',
  not_accepted: 'That money was not accepted: it never came to the balance it would be refunded from.',
  payment_disputed: 'The payment is disputed: its money is withheld until that is decided.',
  refund_exceeds_captured: 'Refunds may not exceed what was captured, together with those under way.',
  insufficient_balance: 'Neither the pending nor the available balance can carry this refund.',
  refund_not_supported: 'The channel of this payment does not give back money, or not in part.',
};

export function refusalError(refusal: RefundRefusal): ChannelError {
  return { code: refusal, message: messages[refusal] };
}

export function isRefusal(code: string): code is RefundRefusal {
  return Object.hasOwn(messages, code);
}
