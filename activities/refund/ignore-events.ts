import { ignoreArrivals, refundNewsAmong } from '../../db/stores/webhook-inbox-store';
import type { RefundDeps } from './deps';
import { createHearAfterEnd } from './hear-after-end';

/** What a workflow found nothing to do for: a payment's, or that of a refund that had just ended. */
export function createIgnoreEvents(deps: Pick<RefundDeps, 'database' | 'log'>) {
  const hearAfterEnd = createHearAfterEnd(deps);
  return async function ignoreEvents(inboxIds: string[]): Promise<void> {
    for (const told of await refundNewsAmong(deps.database, inboxIds)) await hearAfterEnd(told);
    await ignoreArrivals(deps.database, inboxIds);
  };
}
