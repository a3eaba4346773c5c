import { inTransaction } from '../../db/transaction';
import { changeLockedPayment, lockPayment } from '../../db/stores/paid-payments-store';
import { postponeRefundTo, type StoredRefund } from '../../db/stores/refunds-store';
import type { Pause } from '../../integrations/channels/payment-provider';
import { toldPause } from '../pause';
import type { RefundProgress } from './contracts';
import type { RefundDeps } from './deps';
import { progressOf } from './reserve';

/** The provider wants to be left alone: the payment's story says so, once for each pause, and the workflow waits. */
export function createPostponeRefund(deps: Pick<RefundDeps, 'database' | 'newId'>) {
  return async function postpone(refund: StoredRefund, pause: Pause): Promise<RefundProgress> {
    const until = pause.until.toISOString();
    await inTransaction(deps.database, async (transaction) => {
      const payment = await lockPayment(transaction, refund.paymentId);
      if (payment === undefined) return;
      if (!(await postponeRefundTo(transaction, refund.id, pause.until))) return;
      await changeLockedPayment(transaction, payment, {
        eventId: deps.newId(),
        type: 'refund.postponed',
        cause: {
          by: 'durapay',
          key: `refund:${refund.id}:postponed:${until}`,
          refundId: refund.id,
          reason: `${pause.reason}; the refund goes on at ${until}`,
        },
      });
    });
    return { ...progressOf(refund), ...toldPause(pause) };
  };
}
