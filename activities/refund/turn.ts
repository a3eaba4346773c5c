import { inTransaction } from '../../db/transaction';
import { lockPayment } from '../../db/stores/paid-payments-store';
import {
  isRefundUnderWay,
  loadRefund,
  markRefundSent,
  type StoredRefund,
} from '../../db/stores/refunds-store';
import type { RefundDeps } from './deps';
import { doubtEndsAt } from './doubt';

type Turn =
  | 'taken'
  /** Another refund of the payment is under way, or a call for this one. */
  | 'not_yet'
  /** A call for this one was not answered, and may still be carried out: it is asked about, and not sent. */
  | 'in_doubt';

/**
 * For channels that know refunds by their sum alone: under the payment's lock one refund is marked as sent, and no
 * other is until that one is over. So the sum tells of each whether it was made. Nor is the same one sent again while
 * a call before it may still be carried out, from a process that was thought dead, say: the sum would not show it yet.
 */
export function createRefundTurn({ database, timings }: Pick<RefundDeps, 'database' | 'timings'>) {
  return function takeTurn({ id, paymentId }: StoredRefund): Promise<Turn> {
    return inTransaction(database, async (transaction) => {
      await lockPayment(transaction, paymentId);
      if (await isRefundUnderWay(transaction, { paymentId, besides: id })) return 'not_yet';
      const { sentAt } = (await loadRefund(transaction, id)) ?? {};
      if (sentAt !== undefined) {
        const now = Date.now();
        if (now < sentAt.getTime() + timings.channelTimeoutMs) return 'not_yet';
        if (now < doubtEndsAt(sentAt, timings)) return 'in_doubt';
      }
      await markRefundSent(transaction, id);
      return 'taken';
    });
  };
}
