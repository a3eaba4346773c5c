import type { Database } from '../../../db/pool';
import { loadRefund, loadRefundByNo, type StoredRefund } from '../../../db/stores/refunds-store';
import type { Log } from '../../../telemetry/log';
import type { RefundAsk } from '../../../workflows/contracts';
import { watch } from './watch';

export interface StartRefundDeps {
  database: Database;
  refunds: { begin(refundId: string, ask: RefundAsk): Promise<unknown> };
  log: Log;
  answerWithinMs: number;
}

/**
 * Starts a refund's workflow and reads its row until the channel has said something or the time is over.
 * Undefined: the start was sent and nothing is known of it yet.
 */
export function createStartRefund({ database, refunds, log, answerWithinMs }: StartRefundDeps) {
  return async function startRefund(refundId: string, ask: RefundAsk): Promise<StoredRefund | undefined> {
    const deadline = Date.now() + answerWithinMs;
    await refunds.begin(refundId, ask).catch((error: unknown) => {
      // A start whose answer got lost may have happened: the row will tell.
      log.warn({ err: error, refundId }, 'the start of a refund was not confirmed');
    });
    const hasSaid = (refund: StoredRefund | undefined) => refund !== undefined && refund.status !== 'pending';
    return watch(() => find(refundId, ask), hasSaid, deadline);
  };

  /** The merchant's number may have become another request's meanwhile: then that refund is the answer. */
  async function find(refundId: string, ask: RefundAsk): Promise<StoredRefund | undefined> {
    const own = await loadRefund(database, refundId);
    if (own !== undefined || ask.refundNo === undefined) return own;
    return loadRefundByNo(database, ask, ask.refundNo);
  }
}
