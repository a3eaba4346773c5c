import type { Journal } from './journal';

/** What became of a journal that was handed in: `replayed` was there before, with the same content. */
export interface PostedJournal {
  reference: string;
  replayed: boolean;
}

/**
 * Writes journals inside the caller's transaction, in one round trip. Throws `LedgerRefusal`; the transaction is
 * dead then and must be rolled back.
 */
export interface LedgerPoster<Transaction> {
  post(transaction: Transaction, journals: readonly Journal[]): Promise<PostedJournal[]>;
}
