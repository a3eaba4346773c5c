import type { Database } from '../../db/pool';
import { overdueDisputes, type StoredDispute } from '../../db/stores/disputes-store';
import type { Log } from '../../telemetry/log';

export interface SweepDisputesDeps {
  database: Database;
  resumeDispute(dispute: StoredDispute): Promise<'resumed' | 'running'>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/** A dispute whose workflow should have looked long ago may have none any more: it gets one. */
export function createSweepDisputes(deps: SweepDisputesDeps) {
  const { database, resumeDispute, log, overdueMs, batchMax } = deps;

  return async function sweepDisputes(): Promise<{ resumed: number; running: number }> {
    const count = { resumed: 0, running: 0 };
    for (const dispute of await overdueDisputes(database, new Date(Date.now() - overdueMs), batchMax)) {
      const found = await resumeDispute(dispute);
      count[found] += 1;
      if (found === 'resumed')
        log.warn({ disputeId: dispute.id }, 'a dispute had no workflow and was resumed');
    }
    return count;
  };
}
