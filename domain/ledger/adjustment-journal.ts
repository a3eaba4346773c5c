import type { Account } from './account';
import { platformAccount } from './account';
import { journal, type Journal, type JournalHead } from './journal';

export interface AdjustmentBooked extends JournalHead {
  account: Account;
  /** Debits positive, credits negative: to give a merchant 5.00 it is -500. */
  amount: bigint;
  reason: string;
  requestedBy: string;
  approvedBy: string;
}

export type AdjustmentProblem = 'reason_missing' | 'own_approval' | 'nothing_to_adjust' | 'not_adjustable';

export type AdjustmentMade = { ok: true; journal: Journal } | { ok: false; reason: AdjustmentProblem };

/** Every correction has its other side there: one of that account itself would be no correction. */
export function isAdjustable({ kind }: Account): boolean {
  return kind !== 'adjustments';
}

/** A correction by people: with its reason, and approved by someone else than who asked for it. */
export function adjustmentJournal(adjustment: AdjustmentBooked): AdjustmentMade {
  const { account, amount, reason, requestedBy, approvedBy, ...head } = adjustment;
  if (reason.trim() === '') return { ok: false, reason: 'reason_missing' };
  if (requestedBy === approvedBy || approvedBy === '') return { ok: false, reason: 'own_approval' };
  if (!isAdjustable(account)) return { ok: false, reason: 'not_adjustable' };
  if (amount === 0n) return { ok: false, reason: 'nothing_to_adjust' };
  const made = journal(head, {
    kind: 'adjustment',
    links: {},
    postings: [
      { account, amount },
      { account: platformAccount(account.mode, 'adjustments', account.currency), amount: -amount },
    ],
  });
  return { ok: true, journal: { ...made, reason: `${reason} (asked for by ${requestedBy})`, approvedBy } };
}
