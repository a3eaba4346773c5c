import { publicId } from '../../domain/ids';
import { setArrivalAside } from '../../db/stores/webhook-inbox-store';
import type { RefundDeps } from './deps';

/** What a channel tells of a refund and can't be applied: an operator is told why, and what can be done. */
export function createSetNewsAside({ database, log }: Pick<RefundDeps, 'database' | 'log'>) {
  return async function setNewsAside(inboxId: string, why: { paymentId: string; reason: string }) {
    if (!(await setArrivalAside(database, inboxId, why))) return;
    const { paymentId, reason } = why;
    log.error(
      { payment: publicId('payment', paymentId), inboxId, reason },
      'what a channel told of a refund can not be applied: set aside for an operator',
    );
  };
}
