import { inTransaction } from '../../db/transaction';
import { lockPayment } from '../../db/stores/paid-payments-store';
import { isRefundUnderWay, markRefundSent, type StoredRefund } from '../../db/stores/refunds-store';
import type { RefundDeps } from './deps';

/**
 * For channels that know refunds by their sum alone: under the payment's lock one refund is marked as sent, and no
 * other is until that one is over. So the sum tells of each whether it was made.
 */
export function createRefundTurn(deps: Pick<RefundDeps, 'database'>) {
  return function takeTurn({ id, paymentId }: StoredRefund): Promise<boolean> {
    return inTransaction(deps.database, async (transaction) => {
      await lockPayment(transaction, paymentId);
      if (await isRefundUnderWay(transaction, { paymentId, besides: id })) return false;
      await markRefundSent(transaction, id);
      return true;
    });
  };
}
