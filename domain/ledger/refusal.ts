/** Why the ledger takes a journal not at all. Whatever the transaction has written by then is rolled back with it. */
export const refusalCodes = [
  'malformed',
  'unbalanced',
  'unknown_account',
  'closed_account',
  'mixed_modes',
  'crosses_currencies',
  'reference_conflict',
  'insufficient_funds',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

const refuses = 'The ledger refuses';

export class LedgerRefusal extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
  ) {
    super(`${refuses}: ${code} (${detail})`);
    this.name = 'LedgerRefusal';
  }
}

/** Of a refusal that went through a workflow, only the words are left. */
export function refusalIn(message: string): RefusalCode | undefined {
  return refusalCodes.find((code) => message.startsWith(`${refuses}: ${code} `));
}
