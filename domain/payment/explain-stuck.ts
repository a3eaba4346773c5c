import { refusalIn, type RefusalCode } from '../ledger/refusal';
import type { RefundStatus } from '../refund/status';
import type { Next } from './explain';

/** A step of a workflow that has failed so far, and is tried again by itself. */
export interface StuckStep {
  step: string;
  /** The error's name, as a workflow's history has it. */
  error: string;
  message: string;
  /** So many have failed. */
  tries: number;
  /** Undefined: a try is under way. */
  nextTryAt?: string;
}

/** What concerns a payment, is not its own workflow's, and has not come to an end. */
export type Unfinished = { stuck?: StuckStep } & (
  UnfinishedRefund | { kind: 'callback'; id: string; type: string } | UnheardEvent
);

export interface UnfinishedRefund {
  kind: 'refund';
  id: string;
  status: RefundStatus;
  /** Undefined: it waits for a capture that is under way. */
  channel?: string;
}

/** Told by a channel about the charge, kept, and not yet applied. */
export interface UnheardEvent {
  kind: 'event';
  channel: string;
  at: string;
  says: string;
}

export function whyStuck(channel: string, stuck: StuckStep): string {
  // Journals are made of money alone, and of that only once the channel has confirmed it.
  return isRefused(stuck)
    ? `${channel} has confirmed that money was moved, and the ledger refuses to book it: ${failed(stuck)}`
    : `It can not go on: ${failed(stuck)}`;
}

export function whyUnheard({ channel, at, says }: UnheardEvent): string {
  return `${channel} told at ${at}: ${says}. That has not been written down yet.`;
}

export function nextWhenStuck(about: string, stuck: StuckStep): Next[] {
  const again = { what: `${about} is tried again: ${failed(stuck)}`, by: stuck.nextTryAt ?? null };
  if (!isRefused(stuck)) return [again];
  const remedy = remedies[refusalIn(stuck.message) ?? 'malformed'];
  return [
    { what: `${remedy} Nothing is lost by waiting (docs/runbooks/refused-journal.md).`, by: null },
    again,
  ];
}

export function nextOfUnfinished(one: Unfinished): Next[] {
  const about = nameOf(one);
  if (one.stuck !== undefined) return nextWhenStuck(about, one.stuck);
  return [{ what: `${about} ${goesOn(one)}.`, by: null }];
}

function goesOn(one: Unfinished): string {
  switch (one.kind) {
    case 'event':
      return 'is brought to its workflow again until it is applied';
    case 'callback':
      return 'is under way';
    case 'refund':
      return refundGoesOn(one);
  }
}

function refundGoesOn({ status, channel }: UnfinishedRefund): string {
  if (channel === undefined) return 'waits for the end of what is under way';
  switch (status) {
    case 'processing':
      return `is with ${channel}, which is asked until it says how it ended`;
    case 'unknown':
      return `may have reached ${channel}, which is asked until it says whether it did`;
    default:
      return `is on its way to ${channel}`;
  }
}

function nameOf(one: Unfinished): string {
  switch (one.kind) {
    case 'refund':
      return `Refund ${one.id}`;
    case 'callback':
      return `Callback ${one.type} (${one.id})`;
    case 'event':
      return `What ${one.channel} told at ${one.at} (${one.says})`;
  }
}

function failed({ step, tries, error, message }: StuckStep): string {
  const times = tries === 1 ? 'once' : `${tries} times`;
  const sentence = /[.!?…]$/.test(message) ? message : `${message}.`;
  return `step ${step} has failed ${times}, last with ${error}: ${sentence}`;
}

/** The ledger took none of what was to be booked. */
export function isRefused({ error }: StuckStep): boolean {
  return error === 'LedgerRefusal';
}

const wrongBuild = 'An operator goes back to the build before: this one makes journals that can not be.';

/** What an operator does about it, in a word; the runbook says how. */
const remedies: Readonly<Record<RefusalCode, string>> = {
  closed_account:
    'An operator opens the closed account again (POST /admin/ledger/accounts/{id}/reopen): the money has moved.',
  insufficient_funds: 'An operator gives the account what it lacks (POST /admin/ledger/adjustments).',
  reference_conflict:
    'An operator compares it with the journal that stands (GET /ledger/journals/{reference}).',
  unknown_account: 'Nobody has to do anything: the next try opens the account.',
  malformed: wrongBuild,
  unbalanced: wrongBuild,
  mixed_modes: wrongBuild,
};
