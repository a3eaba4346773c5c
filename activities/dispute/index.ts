import { nextMoment } from '../../domain/dispute/status';
import { loadDispute } from '../../db/stores/disputes-store';
import type { DisputeInput, DisputeProgress } from '../../workflows/contracts';
import { createApplyDisputeEvent } from './apply-event';
import { createDisputeChanges, progressOf } from './change';
import type { DisputeDeps } from './deps';
import { createSubmitEvidence } from './evidence';

/** What a dispute's workflow may do. */
export function createDisputeActivities(deps: DisputeDeps) {
  const changes = createDisputeChanges(deps);
  const { remindBeforeMs } = deps.disputes;

  return {
    /** What an earlier run has left, or nothing: then the first event will open it. */
    async findDispute(input: DisputeInput): Promise<DisputeProgress | undefined> {
      const dispute = await loadDispute(deps.database, input);
      return dispute && progressOf(dispute);
    },

    applyDisputeEvent: createApplyDisputeEvent(deps, changes),
    submitEvidence: createSubmitEvidence(deps, changes),

    /** Its time has come: the merchant is reminded, or the bank decides by what it has. */
    lookAtDispute(disputeId: string, at: string): Promise<DisputeProgress> {
      return changes.holdingDispute(disputeId, async (held, dispute) => {
        const moment = nextMoment(dispute, remindBeforeMs);
        if (moment === undefined || moment.at.getTime() > Date.parse(at)) return progressOf(dispute);
        const cause = { by: 'deadline', key: `${moment.what}:${dispute.id}` };
        const after =
          moment.what === 'remind'
            ? await changes.step(held, dispute, {
                type: 'dispute.evidence_due',
                change: { isReminded: true },
                cause,
              })
            : await changes.step(held, dispute, {
                type: 'dispute.under_review',
                change: { to: 'under_review' },
                cause,
              });
        return progressOf(after);
      });
    },
  };
}
