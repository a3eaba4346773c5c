/** Why the ledger takes a journal not at all. Whatever the transaction has written by then is rolled back with it. */
export const refusalCodes = [
  'unbalanced',
  'incomplete_journal',
  'unknown_account',
  'closed_account',
  'currency_mismatch',
  'foreign_journal',
  'reference_conflict',
  'insufficient_funds',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

export class LedgerRefusal extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
  ) {
    super(`The ledger refuses: ${code} (${detail})`);
    this.name = 'LedgerRefusal';
  }
}
