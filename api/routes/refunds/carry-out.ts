import type { Database } from '../../../db/pool';
import { loadRefund, type StoredRefund } from '../../../db/stores/refunds-store';
import { isRefundOver } from '../../../domain/refund/status';
import type { Log } from '../../../telemetry/log';
import { watch } from './watch';

export interface CarryOutDeps {
  database: Database;
  /** Tells the refund's workflow that an operator's word stands. */
  refunds: { nudge(refundId: string): Promise<void> };
  log: Log;
  answerWithinMs: number;
}

/** Has the refund's workflow carry out an operator's word, and reads the row until that is done or the time is over. */
export function createCarryOut({ database, refunds, log, answerWithinMs }: CarryOutDeps) {
  return async function carryOut(refundId: string): Promise<StoredRefund | undefined> {
    const deadline = Date.now() + answerWithinMs;
    await refunds.nudge(refundId).catch((error: unknown) => {
      // The word stands in the database, where the workflow looks by itself.
      log.warn({ err: error, refundId }, 'an operator’s word on a refund was not signalled');
    });
    const isDone = (refund: StoredRefund | undefined) => refund === undefined || isRefundOver(refund.status);
    return watch(() => loadRefund(database, refundId), isDone, deadline);
  };
}
