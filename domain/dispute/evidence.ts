import type { ChannelError } from '../payment/outcome';
import { isDisputeOver, type DisputeStatus } from './status';

export const evidenceKinds = ['receipt', 'delivery', 'service', 'communication', 'policy', 'other'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** How a file of each type begins; text has no sign of its own. */
export const evidenceTypes = {
  'application/pdf': [0x25, 0x50, 0x44, 0x46, 0x2d],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff],
  'text/plain': [],
} as const satisfies Record<string, readonly number[]>;
export type EvidenceType = keyof typeof evidenceTypes;

export const evidenceBytesMax = 1_048_576;
export const evidenceTextMax = 5_000;
export const evidencePerDisputeMax = 20;

export interface EvidenceDocument {
  name: string;
  contentType: EvidenceType;
  contentBase64: string;
}

/** What is kept sealed. */
export interface EvidenceContent {
  text: string;
  document?: EvidenceDocument;
}

export type EvidenceRefusal =
  'dispute_closed' | 'evidence_too_late' | 'evidence_too_much' | 'evidence_not_supported';

const messages: Readonly<Record<EvidenceRefusal, string>> = {
  dispute_closed: 'The dispute has ended.',
  evidence_too_late: 'The time for evidence is over.',
  evidence_too_much: 'The dispute has as much evidence as it may have.',
  evidence_not_supported: 'This channel takes no evidence through its API: bring it in at its own portal.',
};

export function evidenceError(refusal: EvidenceRefusal): ChannelError {
  return { code: refusal, message: messages[refusal] };
}

export function isEvidenceRefusal(code: string): code is EvidenceRefusal {
  return Object.hasOwn(messages, code);
}

/** Also while the bank is looking: until the deadline more may be added. */
export function refusalOfEvidence(
  dispute: { status: DisputeStatus; evidenceDueAt?: Date },
  now: Date,
): EvidenceRefusal | undefined {
  if (isDisputeOver(dispute.status)) return 'dispute_closed';
  return dispute.evidenceDueAt !== undefined && now >= dispute.evidenceDueAt
    ? 'evidence_too_late'
    : undefined;
}
