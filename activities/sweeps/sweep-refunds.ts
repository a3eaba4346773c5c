import type { Database } from '../../db/pool';
import { overdueRefunds, postponeRefund } from '../../db/stores/refunds-store';
import type { Log } from '../../telemetry/log';

export interface SweepRefundsDeps {
  database: Database;
  resumeRefund(refundId: string): Promise<'resumed' | 'running' | 'over'>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/** A refund whose workflow should have looked long ago may have none any more: it gets one. */
export function createSweepRefunds({ database, resumeRefund, log, overdueMs, batchMax }: SweepRefundsDeps) {
  return async function sweepRefunds(): Promise<{ resumed: number; running: number; over: number }> {
    const ids = await overdueRefunds(database, new Date(Date.now() - overdueMs), batchMax);
    const count = { resumed: 0, running: 0, over: 0 };
    for (const refundId of ids) {
      const found = await resumeRefund(refundId);
      count[found] += 1;
      if (found === 'resumed') log.warn({ refundId }, 'a refund had no workflow and was resumed');
      // Slow is not lost: it is looked at again only after it had another chance.
      await postponeRefund(database, refundId, new Date(Date.now() + overdueMs));
    }
    return count;
  };
}
