import { publicId } from '../../domain/ids';
import { newId } from '../../db/ids';
import { createPool, type Database } from '../../db/pool';
import { accountId, accountName } from '../../db/stores/ledger-accounts';
import type { Account } from '../../domain/ledger/account';
import type { Journal } from '../../domain/ledger/journal';
import { LedgerRefusal, type RefusalCode } from '../../domain/ledger/refusal';
import { freshDatabase } from './database';

/** An empty ledger, with connections for twelve who post at once. */
export interface PostingBooks {
  database: Database;
  ownerUrl: string;
  balanceOf(account: Account): Promise<bigint | undefined>;
  countOf(table: string): Promise<bigint | undefined>;
  close(): Promise<void>;
}

export async function openPostingBooks(): Promise<PostingBooks> {
  const fresh = await freshDatabase();
  const database = createPool({ url: fresh.url, size: 12, statementTimeoutMs: 10_000, name: 'test' });
  return {
    database,
    ownerUrl: fresh.ownerUrl,
    async balanceOf(account) {
      const { rows } = await database.query<{ balance: bigint }>('select ledger_balance($1) as balance', [
        accountId(accountName(account)),
      ]);
      return rows[0]?.balance;
    },
    async countOf(table) {
      const { rows } = await database.query<{ count: bigint }>(`select count(*) from ${table}`);
      return rows[0]?.count;
    },
    async close() {
      await database.end();
      await fresh.drop();
    },
  };
}

export const refusalCodeOf = (work: Promise<unknown>): Promise<RefusalCode | 'accepted'> =>
  work.then(
    () => 'accepted' as const,
    (error: unknown) => {
      if (error instanceof LedgerRefusal) return error.code;
      throw error;
    },
  );

/** A journal between any accounts, for what no builder would make. */
export function journalOf(postings: Journal['postings'], over: Partial<Journal> = {}): Journal {
  const id = newId();
  return {
    reference: `${publicId('payment', id)}-1`,
    kind: 'success',
    mode: 'test',
    effectiveAt: new Date(),
    links: { paymentId: id },
    postings,
    ...over,
  };
}
