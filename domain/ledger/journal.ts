import type { Mode } from '../payment/reference';
import type { Account } from './account';

/** A line of a journal; debits are positive, credits negative. */
export interface Posting {
  account: Account;
  amount: bigint;
}

/** What a journal belongs to, so that it is found from there. */
export interface JournalLinks {
  paymentId?: string;
  refundId?: string;
  disputeId?: string;
  withdrawalId?: string;
  settlementId?: string;
  workflowId?: string;
}

export type JournalKind =
  | 'success'
  | 'capture'
  | 'refund_hold'
  | 'refund'
  | 'refund_release'
  | 'fee'
  | 'channel_cost'
  | 'dispute_hold'
  | 'dispute_won'
  | 'dispute_lost'
  | 'exchange'
  | 'suspense_in'
  | 'suspense_accepted'
  | 'suspense_refunded'
  | 'adjustment';

export interface Journal {
  /** The reference of the effect it books: unique for ever, and the same as at the provider. */
  reference: string;
  kind: JournalKind;
  mode: Mode;
  /** When it happened out there; when it was written down is the database's to say. */
  effectiveAt: Date;
  links: JournalLinks;
  postings: Posting[];
  reason?: string;
  approvedBy?: string;
}

/** What every journal needs besides its amounts. */
export interface JournalHead {
  reference: string;
  mode: Mode;
  effectiveAt: Date;
  workflowId?: string;
}

export interface Lines {
  kind: JournalKind;
  /** Made for this journal alone: its workflow is added to them. */
  links: JournalLinks;
  postings: Posting[];
}

/**
 * Lines of nothing are left out: a fee of zero is no posting. Field by field, as the rest or a copy of another object is
 * slow to make, and slow for all who read it after.
 */
export function journal(head: JournalHead, lines: Lines): Journal {
  const { reference, mode, effectiveAt, workflowId } = head;
  const { kind, links, postings } = lines;
  if (workflowId !== undefined) links.workflowId = workflowId;
  return {
    reference,
    mode,
    effectiveAt,
    kind,
    links,
    postings: postings.filter(({ amount }) => amount !== 0n),
  };
}

/** Takes from one account and gives to the other. */
export function transfer(debit: Account, credit: Account, amount: bigint): Posting[] {
  return [
    { account: debit, amount },
    { account: credit, amount: -amount },
  ];
}

/** A step of an effect that has several: `ref_…` is refunded, `ref_…:hold` is when the amount was set aside. */
export function stepReference(reference: string, step: string): string {
  return `${reference}:${step}`;
}
