import type { Result } from './book';
import { charged, derivedId, type Dispute, type Order } from './order';

export interface WantedDispute {
  amount?: number;
  reasonCode: string;
  evidenceDueAt: number;
}

export interface Evidence {
  evidenceNo: string;
  text: string;
  documents: number;
}

const evidenceMax = 20;

/** The customer asks the bank for the money back: it is withheld until the bank decides. */
export function openDispute(order: Order, wanted: WantedDispute, now: number): Result<Dispute> {
  const amount = wanted.amount ?? charged(order);
  if (charged(order) === 0 || amount > charged(order)) return { ok: false, code: 'not_disputable' };
  if (order.disputes.some(({ status }) => status === 'open')) return { ok: false, code: 'not_disputable' };
  const dispute: Dispute = {
    disputeId: derivedId('kd_', order.orderNo, String(order.disputes.length)),
    amount,
    reasonCode: wanted.reasonCode,
    status: 'open',
    openedAt: now,
    evidenceDueAt: wanted.evidenceDueAt,
    endedAt: null,
    evidence: [],
  };
  order.disputes.push(dispute);
  return { ok: true, value: dispute };
}

export function endDispute(dispute: Dispute, status: 'won' | 'lost', now: number): Result<Dispute> {
  if (dispute.status !== 'open') return { ok: false, code: 'dispute_closed' };
  dispute.status = status;
  dispute.endedAt = now;
  return { ok: true, value: dispute };
}

/** The same number is filed once, whatever became of the first answer. */
export function fileEvidence(dispute: Dispute, evidence: Evidence, now: number): Result<Dispute> {
  if (dispute.evidence.some(({ evidenceNo }) => evidenceNo === evidence.evidenceNo)) {
    return { ok: true, value: dispute };
  }
  if (dispute.status !== 'open' || now > dispute.evidenceDueAt) return { ok: false, code: 'dispute_closed' };
  if (dispute.evidence.length >= evidenceMax) return { ok: false, code: 'too_much_evidence' };
  dispute.evidence.push(evidence);
  return { ok: true, value: dispute };
}
