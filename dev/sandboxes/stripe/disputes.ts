import type { Result } from './book';
import { derivedId, type Dispute, type Intent } from './objects';

export interface WantedDispute {
  amount?: number;
  reason: string;
  dueAt: number;
}

/** The customer asks the bank for the money back: Stripe withdraws it until the bank has decided. */
export function openDispute(intent: Intent, wanted: WantedDispute, now: number): Result<Dispute> {
  const amount = wanted.amount ?? intent.amountReceived;
  const isOpen = intent.disputes.some(({ endedAt }) => endedAt === null);
  if (intent.status !== 'succeeded' || isOpen || amount > intent.amountReceived) {
    return { ok: false, code: 'not_disputable' };
  }
  const dispute: Dispute = {
    id: derivedId('dp_', intent.id, String(intent.disputes.length)),
    status: 'needs_response',
    amount,
    reason: wanted.reason,
    openedAt: now,
    dueAt: wanted.dueAt,
    endedAt: null,
    evidence: [],
  };
  intent.disputes.push(dispute);
  return { ok: true, value: dispute };
}

export function endDispute(dispute: Dispute, status: 'won' | 'lost', now: number): Result<Dispute> {
  if (dispute.endedAt !== null) return { ok: false, code: 'not_disputable' };
  dispute.status = status;
  dispute.endedAt = now;
  return { ok: true, value: dispute };
}

/** Once, and while there is time; the same key is the same submission. */
export function submitEvidence(
  dispute: Dispute,
  evidence: Dispute['evidence'][number],
  now: number,
): Result<Dispute> {
  if (dispute.evidence.some(({ key }) => key === evidence.key)) return { ok: true, value: dispute };
  if (dispute.endedAt !== null || dispute.evidence.length > 0 || now > dispute.dueAt) {
    return { ok: false, code: 'evidence_closed' };
  }
  dispute.evidence.push(evidence);
  dispute.status = 'under_review';
  return { ok: true, value: dispute };
}
