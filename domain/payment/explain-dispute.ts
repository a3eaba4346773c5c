import type { DisputeStatus } from '../dispute/status';
import type { Next } from './explain';

export interface ExplainedDispute {
  id: string;
  channel: string;
  status: DisputeStatus;
  /** With its currency. */
  amount: string;
  reasonCode: string;
  evidenceDueAt?: string;
  /** Some was brought to the channel, which has not said whether it has it. */
  isEvidenceInDoubt: boolean;
  isReminded: boolean;
  /** When its workflow looks again by itself. */
  wakeAt?: string;
}

export function whyDisputed(dispute: ExplainedDispute | undefined): string {
  return dispute?.status === 'lost'
    ? `It was paid, and the bank has given the money back to the customer: ${disputedIn(dispute)}. It stays disputed.`
    : howFar('It was paid, and the customer disputes it at the bank', dispute);
}

/** Of what is captured while more may be: its payment's status tells of it only at the end. */
export function whyPartDisputed(dispute: ExplainedDispute): string {
  return howFar('The customer disputes at the bank what was captured', dispute);
}

function howFar(begun: string, dispute: ExplainedDispute | undefined): string {
  if (dispute === undefined) return `${begun}.`;
  return `${begun}: ${disputedIn(dispute)}; ${stateOf(dispute)}.`;
}

function stateOf({ status, channel, isEvidenceInDoubt }: ExplainedDispute): string {
  switch (status) {
    case 'needs_response':
      return isEvidenceInDoubt
        ? `evidence has been sent, and ${channel} has not said whether it has it`
        : 'no evidence has been sent';
    case 'under_review':
      return 'the bank is looking at what it has';
    case 'won':
      return 'the bank has decided for the merchant';
    case 'lost':
      return 'the bank has decided for the customer';
  }
}

function disputedIn({ amount, reasonCode }: ExplainedDispute): string {
  return reasonCode === '' ? amount : `${amount} (${reasonCode})`;
}

/** Of any that runs, whether or not its payment's status tells of it. */
export function nextInDispute(dispute: ExplainedDispute | undefined): Next[] {
  if (dispute === undefined || dispute.status === 'won' || dispute.status === 'lost') return [];
  const { id, channel, status, amount, evidenceDueAt = null, isReminded, wakeAt } = dispute;
  const inDoubt = dispute.isEvidenceInDoubt
    ? [{ what: `${channel} is asked until it says whether it has the evidence.`, by: null }]
    : [];
  const decided = { what: `The bank decides about ${amount}, and ${channel} tells us.`, by: null };
  if (status === 'under_review') return [...inDoubt, decided];
  const isReminderNext =
    !isReminded && wakeAt !== undefined && evidenceDueAt !== null && wakeAt < evidenceDueAt;
  return [
    ...inDoubt,
    { what: `The merchant sends evidence (POST /disputes/${id}/evidence).`, by: evidenceDueAt },
    ...(isReminderNext ? [{ what: 'The merchant is reminded by callback.', by: wakeAt }] : []),
    ...(evidenceDueAt === null
      ? []
      : [{ what: 'The time for evidence is over: the bank decides by what it has.', by: evidenceDueAt }]),
    decided,
  ];
}
