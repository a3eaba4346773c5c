import { inTransaction } from '../../db/transaction';
import { lockPayment } from '../../db/stores/paid-payments-store';
import {
  isRefundUnderWay,
  loadRefund,
  markRefundSent,
  type StoredRefund,
} from '../../db/stores/refunds-store';
import type { RefundDeps } from './deps';

/**
 * For channels that know refunds by their sum alone: under the payment's lock one refund is marked as sent, and no
 * other is until that one is over. So the sum tells of each whether it was made. Nor is the same one sent again while
 * a call before it may still arrive, from a process that was thought dead, say: the sum would not show it yet.
 */
export function createRefundTurn({ database, timings }: Pick<RefundDeps, 'database' | 'timings'>) {
  return function takeTurn({ id, paymentId }: StoredRefund): Promise<boolean> {
    return inTransaction(database, async (transaction) => {
      await lockPayment(transaction, paymentId);
      if (await isRefundUnderWay(transaction, { paymentId, besides: id })) return false;
      const { sentAt } = (await loadRefund(transaction, id)) ?? {};
      if (sentAt !== undefined && Date.now() < sentAt.getTime() + timings.channelTimeoutMs) return false;
      await markRefundSent(transaction, id);
      return true;
    });
  };
}
