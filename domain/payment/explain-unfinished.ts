import type { RefundStatus } from '../refund/status';
import type { Next } from './explain';
import { nextInDispute, type ExplainedDispute } from './explain-dispute';
import { nextWhenStuck, type StuckStep } from './explain-stuck';

/** What concerns a payment, is not its own workflow's, and has not come to an end. */
export type Unfinished = { stuck?: StuckStep } & (
  | UnfinishedRefund
  | UnheardEvent
  | HeldMoney
  | { kind: 'callback'; id: string; type: string }
  | ({ kind: 'dispute' } & ExplainedDispute)
);

export interface UnfinishedRefund {
  kind: 'refund';
  id: string;
  status: RefundStatus;
  /** Undefined: there is nothing to give back yet. */
  channel?: string;
  /** What was said last of why nobody knows, or why it was not taken. */
  message?: string;
  /** One in doubt that has to be over first. */
  waitsFor?: string;
}

/** Told by a channel about the charge or a dispute of it, kept, and not yet applied. */
export interface UnheardEvent {
  kind: 'event';
  channel: string;
  at: string;
  says: string;
  isOfDispute?: boolean;
}

/** In suspense. */
export interface HeldMoney {
  kind: 'suspense';
  id: string;
  /** With its currency. */
  amount: string;
  /** What was decided, or what the merchant's rule is about to decide. */
  decision: 'refund' | 'accept' | 'ask';
}

export function whyUnheard({ channel, at, says }: UnheardEvent): string {
  return `${channel} told at ${at}: ${says}. That has not been written down yet.`;
}

export function nextOfUnfinished(one: Unfinished): Next[] {
  const about = nameOf(one);
  if (one.stuck !== undefined) return nextWhenStuck(about, one.stuck);
  if (one.kind !== 'dispute') return [{ what: `${about} ${goesOn(one)}.`, by: null }];
  return nextInDispute(one).map(({ what, by }) => ({ what: `${about}: ${what}`, by }));
}

function goesOn(one: Exclude<Unfinished, { kind: 'dispute' }>): string {
  switch (one.kind) {
    case 'event':
      return 'is brought to its workflow again until it is applied';
    case 'callback':
      return 'is under way';
    case 'refund':
      return refundGoesOn(one);
    case 'suspense':
      return heldGoesOn(one);
  }
}

function heldGoesOn({ id, decision }: HeldMoney): string {
  switch (decision) {
    case 'ask':
      return `waits for an operator, who gives it back or lets the merchant have it (POST /admin/suspense/${id}/decide)`;
    case 'refund':
      return 'is given back to the customer';
    case 'accept':
      return 'is booked for the merchant';
  }
}

function refundGoesOn({ id, status, channel, message, waitsFor }: UnfinishedRefund): string {
  if (channel === undefined)
    return 'waits until money of the payment is captured, and fails if none is in time';
  switch (status) {
    case 'processing':
      return `is with ${channel}, which is asked until it says how it ended`;
    case 'unknown':
      return `may have reached ${channel}, which is asked until it says whether it did${because(message)}, or an operator does: POST /admin/refunds/${id}/resolve`;
    default:
      return waitsFor === undefined
        ? `is on its way to ${channel}`
        : `waits until refund ${waitsFor}, which may have reached ${channel}, is over`;
  }
}

function because(message: string | undefined): string {
  return message === undefined ? '' : ` (${message})`;
}

function nameOf(one: Unfinished): string {
  switch (one.kind) {
    case 'refund':
      return `Refund ${one.id}`;
    case 'callback':
      return `Callback ${one.type} (${one.id})`;
    case 'dispute':
      return `Dispute ${one.id}`;
    case 'suspense':
      return `Money in suspense (${one.amount})`;
    case 'event':
      return `What ${one.channel} told at ${one.at} (${one.says})`;
  }
}
