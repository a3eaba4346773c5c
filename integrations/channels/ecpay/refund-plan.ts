import type { ChannelError, MovedMoney } from '../../../domain/payment/outcome';
import type { RefundQuery } from '../payment-provider';
import type { CreditAction } from './client';
import type { CreditState } from './credit';
import { error } from './errors';
import type { Look } from './look';

export type RefundPlan =
  | { kind: 'act'; refund: MovedMoney }
  | { kind: 'succeeded'; refund: MovedMoney }
  | { kind: 'declined'; error: ChannelError }
  | { kind: 'unknown'; error: ChannelError }
  | { kind: 'unavailable'; error: ChannelError };

interface Step {
  action: CreditAction;
  amount: bigint;
  givesBack: boolean;
}

/**
 * Whether a refund is to be made, was made, or can't be. ECPay knows refunds by their sum alone, so the platform sends
 * those of one charge one after the other and says how much the ones before this gave back.
 */
export function refundPlan(request: RefundQuery, seen: Exclude<Look, { kind: 'failed' }>): RefundPlan {
  if (request.currency !== 'TWD') return declined('currency_not_supported', 'ECPay refunds TWD only.');
  switch (seen.kind) {
    case 'not_found':
      return declined('charge_not_found', 'ECPay knows no such trade.');
    case 'not_paid':
      return declined('not_refundable', 'The trade is not paid.');
    case 'not_card':
      return declined(
        'refund_not_supported',
        'ECPay gives money back to cards only; pay this one out by hand.',
      );
    case 'card':
      if (!isOfTrade(request, seen.trade.TradeNo)) {
        const message = 'ECPay has another charge under this number; pay this one out by hand.';
        return declined('charge_not_found', message);
      }
      return cardPlan(request, seen.credit, seen.trade.TradeNo);
  }
}

/** A trade is asked for by our number; ECPay may have told of a second charge under the same. A capture is `…:C`. */
function isOfTrade({ providerRef }: RefundQuery, tradeNo: string): boolean {
  return providerRef.split(':')[0] === tradeNo;
}

function cardPlan(
  { amount, refundedBefore = 0n }: RefundQuery,
  credit: CreditState,
  tradeNo: string,
): RefundPlan {
  const total = refundedBefore + amount;
  const refund = { providerRef: `${tradeNo}:R${total}`, amountMinor: amount.toString(), currency: 'TWD' };
  if (credit.refunded === total) return { kind: 'succeeded', refund };
  if (credit.refunded !== refundedBefore) {
    const message = 'ECPay has given back another sum than is known here: an operator has to look.';
    return { kind: 'unknown', error: error('refunds_differ', message) };
  }
  const paid = credit.stage === 'authorized' ? credit.amount : credit.captured;
  switch (credit.stage) {
    case 'authorized':
    case 'closing':
    case 'closed':
      if (total > paid) return declined('refund_exceeds_paid', 'More than was paid can’t be given back.');
      return { kind: 'act', refund };
    case 'cancelled':
      return declined('refund_exceeds_paid', 'All of it was given back already.');
    case 'refused':
      return declined('not_refundable', 'The card was never charged.');
    case 'other': {
      const message = 'ECPay gave the card a status that we do not know.';
      return { kind: 'unavailable', error: error('unknown_status', message, credit.raw) };
    }
  }
}

/**
 * ECPay's rules: before it is told to close, a charge is abandoned as a whole; until the bank has been asked the
 * telling is taken back first; a part can only be given back of what is told to close, or closed.
 */
export function nextSteps(
  { stage, amount: authorized, captured, refunded }: CreditState,
  { amount }: Pick<RefundQuery, 'amount'>,
): Step[] {
  const abandon: Step = { action: 'N', amount: authorized, givesBack: true };
  const giveBack: Step = { action: 'R', amount, givesBack: true };
  const isAll = refunded === 0n && amount === (stage === 'authorized' ? authorized : captured);
  switch (stage) {
    case 'authorized':
      return isAll ? [abandon] : [{ action: 'C', amount: authorized, givesBack: false }, giveBack];
    case 'closing':
      return isAll && captured === authorized
        ? [{ action: 'E', amount: captured, givesBack: false }, abandon]
        : [giveBack];
    default:
      return [giveBack];
  }
}

function declined(code: string, message: string): RefundPlan {
  return { kind: 'declined', error: error(code, message) };
}
