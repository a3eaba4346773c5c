import type { ChannelError, RefundOutcome, RefundStatus as RefundNews } from '../payment/outcome';
import type { OperatorsWord } from './resolution';
import { refundMayBecome, type RefundStatus } from './status';

export interface ExpectedRefund {
  status: RefundStatus;
  amountMinor: string;
  currency: string;
}

export type HeardOfRefund = RefundOutcome | RefundNews | OperatorsWord;

export type RefundReaction =
  { kind: 'nothing' } | { kind: 'change'; to: RefundStatus; providerRef?: string; error?: ChannelError };

/**
 * News about a refund, from an answer, a query, a webhook or an operator, by one rule: order and repetition do not matter,
 * because what has ended stays as it is.
 */
export function reactToRefund(refund: ExpectedRefund, news: HeardOfRefund): RefundReaction {
  const change = wish(refund, news);
  return refundMayBecome(refund.status, change.to) ? { kind: 'change', ...change } : { kind: 'nothing' };
}

/** What the channel itself knows: an operator's word does not count against it. */
export function isCertainOfRefund(reaction: RefundReaction): boolean {
  return reaction.kind === 'change' && reaction.to !== 'unknown' && reaction.to !== 'pending';
}

function wish(refund: ExpectedRefund, news: HeardOfRefund) {
  switch (news.kind) {
    case 'succeeded': {
      const { providerRef, amountMinor, currency } = news.refund;
      if (amountMinor !== refund.amountMinor || currency !== refund.currency) {
        return { to: 'unknown' as const, providerRef, error: otherAmount };
      }
      return { to: 'succeeded' as const, providerRef };
    }
    case 'pending':
      return { to: 'processing' as const, providerRef: news.providerRef };
    case 'declined':
      return { to: 'failed' as const, error: news.error };
    case 'unknown':
      return { to: 'unknown' as const, error: news.error };
    case 'unavailable':
      // Certain of this call only: what an earlier one did is still to be asked.
      return {
        to: refund.status === 'unknown' ? ('unknown' as const) : ('pending' as const),
        error: news.error,
      };
    case 'not_found':
      return { to: 'pending' as const, error: neverArrived };
    case 'made':
      return { to: 'succeeded' as const };
    case 'not_made':
      return { to: 'failed' as const, error: notMade };
  }
}

const otherAmount: ChannelError = {
  code: 'amount_mismatch',
  message: 'The channel gave back another amount than it was asked for: an operator has to look.',
};
const notMade: ChannelError = {
  code: 'not_made',
  message: 'The channel did not say what became of this refund; an operator has found that it was not made.',
};
const neverArrived: ChannelError = {
  code: 'never_arrived',
  message: 'The channel has not seen this refund; it is asked for again.',
};
