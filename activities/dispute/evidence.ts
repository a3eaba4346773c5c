import {
  evidenceError,
  refusalOfEvidence,
  type EvidenceContent,
  type EvidenceRefusal,
} from '../../domain/dispute/evidence';
import { isDisputeOver } from '../../domain/dispute/status';
import { publicId } from '../../domain/ids';
import type { ChannelError, EvidenceOutcome } from '../../domain/payment/outcome';
import { attemptReference } from '../../domain/payment/reference';
import { changeDispute, loadDispute, type StoredDispute } from '../../db/stores/disputes-store';
import { loadEvidence, settleEvidence } from '../../db/stores/dispute-evidence-store';
import type { DisputeProgress, GivenEvidence } from '../../workflows/contracts';
import { failure } from '../failures';
import { progressOf, type DisputeChanges } from './change';
import type { DisputeDeps } from './deps';

export interface SubmittedEvidence {
  progress: DisputeProgress;
  refused?: ChannelError;
}

/** Brings evidence to the channel: once, however often this runs, because the channel knows it by our number. */
export function createSubmitEvidence(deps: DisputeDeps, changes: DisputeChanges) {
  return async function submitEvidence(given: GivenEvidence): Promise<SubmittedEvidence> {
    const dispute = await loadDispute(deps.database, { id: given.disputeId });
    const evidence = await loadEvidence(deps.database, given.evidenceId);
    if (dispute === undefined || evidence?.disputeId !== dispute.id) {
      throw failure('NotFound', 'There is no such evidence.');
    }
    if (evidence.status === 'accepted') return { progress: progressOf(dispute) };
    if (evidence.status === 'refused') return { progress: progressOf(dispute), refused: evidence.error };

    const refusal = refusalOfEvidence(dispute, new Date());
    if (refusal !== undefined) return refuse(dispute, given, refusal);
    const content = JSON.parse(deps.openEvidence(evidence.id, evidence.content)) as EvidenceContent;
    const outcome = await call(dispute, evidence.id, content);
    switch (outcome?.kind) {
      case undefined:
        return refuse(dispute, given, 'evidence_not_supported');
      case 'accepted':
        return accept(given);
      case 'declined':
        await settleEvidence(deps.database, evidence.id, { status: 'refused', error: outcome.error });
        return { progress: progressOf(dispute), refused: outcome.error };
      case 'unavailable':
      case 'unknown':
        throw failure('AnswerUnknown', `${dispute.channel} did not confirm it: ${outcome.error.message}`);
    }
  };

  async function call(
    dispute: StoredDispute,
    evidenceId: string,
    { text, document }: EvidenceContent,
  ): Promise<EvidenceOutcome | undefined> {
    const channel = await deps.channelOf(dispute.channelConfigId);
    const reference = publicId('evidence', evidenceId);
    const { channelTimeoutMs: timeoutMs } = deps.timings;
    return channel?.provider.submitEvidence?.(
      { config: channel.config, timeoutMs, correlationId: reference },
      {
        chargeReference: attemptReference(dispute.paymentId, dispute.attemptNo),
        disputeRef: dispute.providerRef,
        reference,
        text,
        documents: document === undefined ? [] : [document],
      },
    );
  }

  async function refuse(
    dispute: StoredDispute,
    { evidenceId }: GivenEvidence,
    refusal: EvidenceRefusal,
  ): Promise<SubmittedEvidence> {
    const error = evidenceError(refusal);
    await settleEvidence(deps.database, evidenceId, { status: 'refused', error });
    return { progress: progressOf(dispute), refused: error };
  }

  /** It is with the bank now. Should the dispute have ended meanwhile, only the evidence is written down. */
  function accept({ disputeId, evidenceId, by }: GivenEvidence): Promise<SubmittedEvidence> {
    return changes.holdingDispute(disputeId, async (held, dispute) => {
      await settleEvidence(held.transaction, evidenceId, { status: 'accepted' });
      if (isDisputeOver(dispute.status)) return { progress: progressOf(dispute) };
      if (dispute.status === 'under_review') {
        const known = { isEvidenceSent: true, wakeAt: dispute.wakeAt ?? null };
        return { progress: progressOf(await changeDispute(held.transaction, disputeId, known)) };
      }
      const after = await changes.step(held, dispute, {
        type: 'dispute.under_review',
        change: { to: 'under_review', isEvidenceSent: true },
        cause: { by: by.role, keyId: by.keyId, key: `evidence:${evidenceId}` },
      });
      return { progress: progressOf(after) };
    });
  }
}
