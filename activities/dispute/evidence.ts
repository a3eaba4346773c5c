import { evidenceError, refusalOfEvidence, type EvidenceContent } from '../../domain/dispute/evidence';
import { publicId } from '../../domain/ids';
import type { ChannelError } from '../../domain/payment/outcome';
import { attemptReference } from '../../domain/payment/reference';
import { changeDispute, loadDispute, type StoredDispute } from '../../db/stores/disputes-store';
import {
  beginEvidenceCall,
  loadEvidence,
  refuseUnsentEvidence,
  settleEvidence,
  takeBackEvidenceCall,
  type StoredEvidence,
} from '../../db/stores/dispute-evidence-store';
import type { DisputeProgress, GivenEvidence } from '../../workflows/contracts';
import { failure } from '../failures';
import { progressOf, type DisputeChanges } from './change';
import type { DisputeDeps } from './deps';

export interface SubmittedEvidence {
  progress: DisputeProgress;
  refused?: ChannelError;
}

/**
 * Brings evidence to the channel: once, however often this runs, because the channel knows it by our number. Whether
 * it is refused here is asked only until the first call that may have arrived: then only the channel knows.
 */
export function createSubmitEvidence(deps: DisputeDeps, changes: DisputeChanges) {
  return async function submitEvidence(given: GivenEvidence): Promise<SubmittedEvidence> {
    const { dispute, evidence } = await load(given);
    const known = settled(dispute, evidence);
    if (known !== undefined) return known;

    const refusal = refusalOfEvidence(dispute, new Date());
    const error = refusal && evidenceError(refusal);
    if (error !== undefined && (await refuseUnsentEvidence(deps.database, evidence.id, error))) {
      return { progress: progressOf(dispute), refused: error };
    }
    const channel = await deps.channelOf(dispute.channelConfigId);
    if (channel?.provider.submitEvidence === undefined) {
      return refuse(dispute, evidence, evidenceError('evidence_not_supported'));
    }
    const content = JSON.parse(deps.openEvidence(evidence.id, evidence.content)) as EvidenceContent;
    if (!(await beginEvidenceCall(deps.database, evidence.id))) return meanwhile(given);
    const outcome = await channel.provider.submitEvidence(
      {
        config: channel.config,
        timeoutMs: deps.timings.channelTimeoutMs,
        correlationId: publicId('evidence', evidence.id),
      },
      requestOf(dispute, evidence.id, content),
    );
    switch (outcome.kind) {
      case 'accepted':
        return accept(given);
      case 'declined':
        return refuse(dispute, evidence, outcome.error);
      case 'unavailable':
        await takeBackEvidenceCall(deps.database, evidence.id);
        throw unconfirmed(dispute, outcome.error);
      case 'unknown':
        throw unconfirmed(dispute, outcome.error);
    }
  };

  async function load({ disputeId, evidenceId }: GivenEvidence) {
    const dispute = await loadDispute(deps.database, { id: disputeId });
    const evidence = await loadEvidence(deps.database, evidenceId);
    if (dispute === undefined || evidence?.disputeId !== dispute.id) {
      throw failure('NotFound', 'There is no such evidence.');
    }
    return { dispute, evidence };
  }

  /** Another run of this step has settled it just now. */
  async function meanwhile(given: GivenEvidence): Promise<SubmittedEvidence> {
    const { dispute, evidence } = await load(given);
    const known = settled(dispute, evidence);
    if (known === undefined) throw new Error(`Evidence ${evidence.id} is not settled.`);
    return known;
  }

  async function refuse(
    dispute: StoredDispute,
    { id }: StoredEvidence,
    error: ChannelError,
  ): Promise<SubmittedEvidence> {
    await settleEvidence(deps.database, id, { status: 'refused', error });
    return { progress: progressOf(dispute), refused: error };
  }

  /** It is with the bank now. Should the dispute have ended meanwhile, its status is what the bank decided. */
  function accept({ disputeId, evidenceId, by }: GivenEvidence): Promise<SubmittedEvidence> {
    return changes.holdingDispute(disputeId, async (held, dispute) => {
      await settleEvidence(held.transaction, evidenceId, { status: 'accepted' });
      if (dispute.status !== 'needs_response') {
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

function settled(dispute: StoredDispute, { status, error }: StoredEvidence): SubmittedEvidence | undefined {
  if (status === 'received') return undefined;
  return { progress: progressOf(dispute), refused: status === 'refused' ? error : undefined };
}

function requestOf(dispute: StoredDispute, evidenceId: string, { text, document }: EvidenceContent) {
  return {
    chargeReference: attemptReference(dispute.paymentId, dispute.attemptNo),
    disputeRef: dispute.providerRef,
    reference: publicId('evidence', evidenceId),
    text,
    documents: document === undefined ? [] : [document],
  };
}

function unconfirmed({ channel }: StoredDispute, { message }: ChannelError): Error {
  return failure('AnswerUnknown', `${channel} did not confirm it: ${message}`);
}
