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

export function whyStuck(channel: string, stuck: StuckStep): string {
  // Journals are made of money alone, and of that only once the channel has confirmed it.
  return isRefused(stuck)
    ? `${channel} has confirmed that money was moved, and the ledger refuses to book it: ${failed(stuck)}`
    : `It can not go on: ${failed(stuck)}`;
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
  crosses_currencies: wrongBuild,
};
