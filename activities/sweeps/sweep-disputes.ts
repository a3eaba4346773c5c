import { takeUnsettledEvidence, type UnsettledEvidence } from '../../db/stores/dispute-evidence-store';
import { loadDispute, overdueDisputes, type StoredDispute } from '../../db/stores/disputes-store';
import type { Database } from '../../db/pool';
import type { Log } from '../../telemetry/log';
import type { GivenEvidence } from '../../workflows/contracts';

export interface SweepDisputesDeps {
  database: Database;
  resumeDispute(dispute: StoredDispute): Promise<'resumed' | 'running'>;
  bringEvidence(dispute: StoredDispute, given: Omit<GivenEvidence, 'disputeId'>): Promise<void>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/**
 * A dispute whose workflow should have looked long ago may have none any more: it gets one. Evidence that was written
 * down may never have reached its workflow: it is brought there.
 */
export function createSweepDisputes(deps: SweepDisputesDeps) {
  const { database, resumeDispute, log, overdueMs, batchMax } = deps;

  return async function sweepDisputes(): Promise<{ resumed: number; running: number; brought: number }> {
    const count = { resumed: 0, running: 0, brought: 0 };
    const before = new Date(Date.now() - overdueMs);
    for (const dispute of await overdueDisputes(database, before, batchMax)) {
      const found = await resumeDispute(dispute);
      count[found] += 1;
      if (found === 'resumed')
        log.warn({ disputeId: dispute.id }, 'a dispute had no workflow and was resumed');
    }
    for (const evidence of await takeUnsettledEvidence(database, before, batchMax)) {
      if (await bring(evidence)) count.brought += 1;
    }
    return count;
  };

  /** What one dispute's workflow does not take must not keep the others waiting: its turn comes again. */
  async function bring({ evidenceId, disputeId, uploadedBy: by }: UnsettledEvidence): Promise<boolean> {
    const dispute = await loadDispute(database, { id: disputeId });
    if (dispute === undefined) return false;
    try {
      await deps.bringEvidence(dispute, { evidenceId, by });
      return true;
    } catch (error) {
      log.warn(
        { err: error, disputeId, evidenceId },
        'evidence was not taken by the workflow of its dispute',
      );
      return false;
    }
  }
}
