import type { DisputeStatus } from '../dispute/status';
import type { Next } from './explain';

export interface ExplainedDispute {
  id: string;
  channel: string;
  status: DisputeStatus;
  reasonCode: string;
  evidenceDueAt?: string;
  isReminded: boolean;
  /** When its workflow looks again by itself. */
  wakeAt?: string;
}

export function whyDisputed(dispute: ExplainedDispute | undefined): string {
  return dispute?.status === 'lost'
    ? `It was paid, and the bank has given the money back to the customer${reasonOf(dispute)}: it stays disputed.`
    : howFar('It was paid, and the customer disputes it at the bank', dispute);
}

/** Of what is captured while more may be: its payment's status tells of it only at the end. */
export function whyPartDisputed(dispute: ExplainedDispute): string {
  return howFar('The customer disputes at the bank what was captured', dispute);
}

function howFar(begun: string, dispute: ExplainedDispute | undefined): string {
  if (dispute === undefined) return `${begun}.`;
  const reason = reasonOf(dispute);
  switch (dispute.status) {
    case 'needs_response':
      return `${begun}${reason}; no evidence has been sent.`;
    case 'under_review':
      return `${begun}${reason}; the bank is looking at what it has.`;
    case 'won':
      return `${begun}${reason}; the bank has decided for the merchant.`;
    case 'lost':
      return `${begun}${reason}; the bank has decided for the customer.`;
  }
}

function reasonOf({ reasonCode }: ExplainedDispute): string {
  return reasonCode === '' ? '' : ` (${reasonCode})`;
}

/** Of any that runs, whether or not its payment's status tells of it. */
export function nextInDispute(dispute: ExplainedDispute | undefined): Next[] {
  if (dispute === undefined || dispute.status === 'won' || dispute.status === 'lost') return [];
  const { id, channel, status, evidenceDueAt = null, isReminded, wakeAt } = dispute;
  const decided = { what: `The bank decides, and ${channel} tells us.`, by: null };
  if (status === 'under_review') return [decided];
  const isReminderNext =
    !isReminded && wakeAt !== undefined && evidenceDueAt !== null && wakeAt < evidenceDueAt;
  return [
    { what: `The merchant sends evidence (POST /disputes/${id}/evidence).`, by: evidenceDueAt },
    ...(isReminderNext ? [{ what: 'The merchant is reminded by callback.', by: wakeAt }] : []),
    ...(evidenceDueAt === null
      ? []
      : [{ what: 'The time for evidence is over: the bank decides by what it has.', by: evidenceDueAt }]),
    decided,
  ];
}
