import { refusalIn, type RefusalCode } from '../ledger/refusal';
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
  { kind: 'refund'; id: string } | { kind: 'callback'; id: string; type: string } | UnheardEvent
);

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
  const goesOn =
    one.kind === 'event' ? 'is brought to its workflow again until it is applied' : 'is under way';
  return [{ what: `${about} ${goesOn}.`, by: null }];
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
