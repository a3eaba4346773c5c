import type { ChannelError, RefundOutcome, RefundStatus as RefundNews } from '../payment/outcome';
import { refundMayBecome, type RefundStatus } from './status';

export interface ExpectedRefund {
  status: RefundStatus;
  amountMinor: string;
  currency: string;
}

export type RefundReaction =
  { kind: 'nothing' } | { kind: 'change'; to: RefundStatus; providerRef?: string; error?: ChannelError };

/**
 * News about a refund, from an answer, a query or a webhook, by one rule: order and repetition do not matter,
 * because what has ended stays as it is.
 */
export function reactToRefund(refund: ExpectedRefund, news: RefundOutcome | RefundNews): RefundReaction {
  const change = wish(refund, news);
  return refundMayBecome(refund.status, change.to) ? { kind: 'change', ...change } : { kind: 'nothing' };
}

function wish(refund: ExpectedRefund, news: RefundOutcome | RefundNews) {
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
  }
}

const otherAmount: ChannelError = {
  code: 'amount_mismatch',
  message: 'The channel gave back another amount than it was asked for: an operator has to look.',
};
const neverArrived: ChannelError = {
  code: 'never_arrived',
  message: 'The channel has not seen this refund; it is asked for again.',
};
