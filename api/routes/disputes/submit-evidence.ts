import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Database } from '../../../db/pool';
import { loadEvidence, refuseUnsentEvidence } from '../../../db/stores/dispute-evidence-store';
import { loadDispute, type StoredDispute } from '../../../db/stores/disputes-store';
import { evidenceError } from '../../../domain/dispute/evidence';
import { isDisputeOver } from '../../../domain/dispute/status';
import type { ChannelError } from '../../../domain/payment/outcome';
import type { Log } from '../../../telemetry/log';
import {
  disputeWorkflowId,
  updateNames,
  type DisputeProgress,
  type GivenEvidence,
} from '../../../workflows/contracts';
import { askOrRevive } from '../../ask-or-revive';
import { createAskWorkflow } from '../../ask-workflow';

export type SubmittedBy =
  | { kind: 'done' }
  | { kind: 'refused'; error: ChannelError }
  /** It goes on without this request. */
  | { kind: 'under_way' };

export type SubmitEvidence = (
  dispute: StoredDispute,
  given: Omit<GivenEvidence, 'disputeId'>,
) => Promise<SubmittedBy>;

/** Hands evidence that stands in the database to the dispute's workflow, and waits for the channel's word on it. */
export function createSubmitEvidence(deps: {
  database: Database;
  client: Client;
  /** Gives a dispute a workflow again that Temporal has lost. */
  disputes: { resume(dispute: StoredDispute): Promise<unknown> };
  log: Log;
  /** Shorter than a request's life: what takes longer is told to its repeat. */
  answerWithinMs: number;
}): SubmitEvidence {
  const askWorkflow = createAskWorkflow(deps.client);
  return function submitEvidence(dispute, given) {
    return askOrRevive<SubmittedBy>(() => ask(dispute, given), {
      async whatEnded() {
        const now = await loadDispute(deps.database, { id: dispute.id });
        if (now === undefined || !isDisputeOver(now.status)) return undefined;
        const error = evidenceError('dispute_closed');
        if (await refuseUnsentEvidence(deps.database, given.evidenceId, error))
          return { kind: 'refused', error };
        // The channel may have had it before the end: that is known by now, or the channel is to be asked.
        const evidence = await loadEvidence(deps.database, given.evidenceId);
        if (evidence?.status === 'received') return undefined;
        if (evidence?.status === 'accepted') return { kind: 'done' };
        return { kind: 'refused', error: evidence?.error ?? error };
      },
      revive() {
        deps.log.warn(
          { disputeId: dispute.id },
          'a dispute with something left to do had no workflow; it is given one',
        );
        return deps.disputes.resume(dispute);
      },
    });
  };

  async function ask(dispute: StoredDispute, given: Omit<GivenEvidence, 'disputeId'>): Promise<SubmittedBy> {
    try {
      const { kind } = await askWorkflow<DisputeProgress, GivenEvidence>({
        workflowId: disputeWorkflowId(dispute),
        update: updateNames.submitEvidence,
        asked: { disputeId: dispute.id, ...given },
        updateId: given.evidenceId,
        deadline: Date.now() + deps.answerWithinMs,
      });
      return { kind };
    } catch (error) {
      const refused = refusalIn(error);
      if (refused !== undefined) return { kind: 'refused', error: refused };
      throw error;
    }
  }
}

function refusalIn(error: unknown): ChannelError | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'EvidenceRefused') return undefined;
  return cause.details?.[0] as ChannelError | undefined;
}
