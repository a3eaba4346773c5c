import type { SignalledRefundEvent } from '../../workflows/contracts';
import type { RefundProgress } from './contracts';
import type { RefundDeps } from './deps';
import { createHearAfterEnd } from './hear-after-end';
import { createIgnoreEvents } from './ignore-events';
import { createReserveRefund } from './reserve';
import { createSendRefund } from './send';

/** What a refund's workflow may do. */
export function createRefundActivities(deps: RefundDeps) {
  const { sendRefund, queryRefund, recordRefund } = createSendRefund(deps);
  const hearAfterEnd = createHearAfterEnd(deps);
  return {
    reserveRefund: createReserveRefund(deps),
    sendRefund,
    queryRefund,
    async applyRefundEvent(refundId: string, told: SignalledRefundEvent): Promise<RefundProgress> {
      const { inboxId, event } = told;
      const { isChanged, ...progress } = await recordRefund(refundId, {
        news: event.status,
        by: 'webhook',
        inboxIds: [inboxId],
      });
      if (!isChanged) await hearAfterEnd(told);
      return progress;
    },
    ignoreEvents: createIgnoreEvents(deps),
  };
}
