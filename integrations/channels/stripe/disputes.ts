import type { DisputeNews, EvidenceOutcome } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { EvidenceRequest } from '../payment-provider';
import { decimalOf, minorDigits } from './amounts';
import type { StripeAnswer } from './client';
import { doubtful, failureError, refusal } from './errors';
import { disputeSchema, type StripeDispute } from './messages';

/** Stripe's statuses of a dispute. The `warning_…` ones are inquiries: nothing is withdrawn as long as they are that. */
const states: Readonly<Record<string, DisputeNews['state']>> = {
  needs_response: 'opened',
  under_review: 'opened',
  won: 'won',
  lost: 'lost',
};

export function disputeNews(dispute: StripeDispute): DisputeNews | 'irrelevant' {
  const state = Object.hasOwn(states, dispute.status) ? states[dispute.status] : undefined;
  if (state === undefined) return 'irrelevant';
  const { due_by: dueBy } = dispute.evidence_details;
  const feeMinor = state === 'lost' ? feeOf(dispute) : undefined;
  return {
    providerRef: dispute.id,
    state,
    amountMinor: amountTold(dispute),
    currency: dispute.currency.toUpperCase(),
    reasonCode: dispute.reason,
    ...(dueBy == null ? {} : { evidenceDueAt: new Date(dueBy * 1_000).toISOString() }),
    ...(feeMinor === undefined ? {} : { feeMinor }),
  };
}

/** An amount that cannot be is told on as it is: whoever applies it sets it aside, and an operator reads it there. */
function amountTold({ amount, currency }: StripeDispute): string {
  return minorDigits(amount, currency) ?? decimalOf(amount, currency);
}

/** What Stripe kept for itself, where it did so in the currency of the dispute. */
function feeOf({ balance_transactions: movements, currency }: StripeDispute): string | undefined {
  if (movements.some((movement) => movement.currency !== currency)) return undefined;
  const units = movements.reduce((sum, { fee }) => sum + fee, 0);
  return units > 0 ? minorDigits(units, currency) : undefined;
}

/** Of a text field of the evidence. */
const textLengthMax = 20_000;

export type EvidenceFile = EvidenceRequest['documents'][number];

export type WordedEvidence =
  { kind: 'worded'; text: string; file?: EvidenceFile } | Extract<EvidenceOutcome, { kind: 'declined' }>;

/** Stripe takes one file, PDF, JPEG or PNG; a document that is text goes in as text. */
export function wordEvidence({ text, documents }: EvidenceRequest): WordedEvidence {
  const isText = ({ contentType }: EvidenceFile) => contentType === 'text/plain';
  const files = documents.filter((document) => !isText(document));
  const texts = documents.filter(isText).map(({ name, contentBase64 }) => {
    return `${name}:\n${Buffer.from(contentBase64, 'base64').toString('utf8')}`;
  });
  const whole = [text, ...texts].filter((part) => part !== '').join('\n\n');
  if (whole.length > textLengthMax || files.length > 1) {
    const message = `Stripe takes one file, and text of at most ${textLengthMax} characters: send this as a PDF.`;
    return { kind: 'declined', error: { code: 'evidence_too_long', message } };
  }
  return { kind: 'worded', text: whole, file: files[0] };
}

export function evidenceOutcome(
  request: EvidenceRequest,
  outcome: CallOutcome<StripeAnswer>,
): EvidenceOutcome {
  switch (outcome.kind) {
    case 'ok':
      return filed(request, outcome.value.body);
    case 'declined':
      return refusedEvidence(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

function filed({ disputeRef }: EvidenceRequest, body: unknown): EvidenceOutcome {
  const dispute = disputeSchema.safeParse(body).data;
  if (dispute?.id !== disputeRef || !dispute.evidence_details.has_evidence) {
    return doubtful('answer_unreadable', 'Stripe did not say that it has the evidence.');
  }
  return { kind: 'accepted' };
}

/** Stripe has no code of its own for a dispute that takes no evidence (any more): it is a plain refusal. */
function refusedEvidence(rawCode: string): Exclude<EvidenceOutcome, { kind: 'accepted' }> {
  switch (rawCode) {
    case 'idempotency_error':
    case 'idempotency_key_in_use':
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'resource_missing':
      return { kind: 'declined', error: refusal(rawCode, 'dispute_not_found') };
    default:
      return { kind: 'declined', error: refusal(rawCode, 'evidence_refused') };
  }
}
