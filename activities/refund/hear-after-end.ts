import { doubtAfterEnd } from '../../domain/refund/doubt';
import { parsePublicId } from '../../domain/ids';
import { loadRefund } from '../../db/stores/refunds-store';
import { ignoreArrivals } from '../../db/stores/webhook-inbox-store';
import type { SignalledRefundEvent } from '../../workflows/contracts';
import type { RefundDeps } from './deps';
import { createSetNewsAside } from './set-news-aside';

/** News that changes nothing of its refund. Where that is over and the news has it otherwise, an operator has to look. */
export function createHearAfterEnd(deps: Pick<RefundDeps, 'database' | 'log'>) {
  const setNewsAside = createSetNewsAside(deps);

  return async function hearAfterEnd({ inboxId, event }: SignalledRefundEvent): Promise<void> {
    const refundId = parsePublicId('refund', event.reference ?? '');
    const refund = refundId === undefined ? undefined : await loadRefund(deps.database, refundId);
    const reason = refund && doubtAfterEnd(refund, event.status);
    if (refund === undefined || reason === undefined) return ignoreArrivals(deps.database, [inboxId]);
    return setNewsAside(inboxId, { paymentId: refund.paymentId, reason });
  };
}
