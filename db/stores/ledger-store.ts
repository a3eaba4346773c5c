import { DatabaseError } from 'pg';
import type { Journal } from '../../domain/ledger/journal';
import type { LedgerPoster, PostedJournal } from '../../domain/ledger/contracts';
import { LedgerRefusal, refusalCodes } from '../../domain/ledger/refusal';
import { newId } from '../ids';
import type { Queryable } from '../pool';
import { createKnownAccounts, type KnownAccounts } from './ledger-accounts';
import { openAccounts, postStatement, rowsOf, type Opening } from './ledger-rows';
import { contentHash } from './ledger-content';

export interface LedgerOptions {
  /** How many accounts' ids are remembered: some 200 bytes each. */
  accountsKnownMax?: number;
}

/** One for each database: it remembers which accounts are open there. */
export function createLedger(options: LedgerOptions = {}): LedgerPoster<Queryable> {
  const known = createKnownAccounts(options.accountsKnownMax ?? 100_000);
  return {
    post: (transaction, journals) => post(known, transaction, journals),
  };
}

/** One statement takes at most so many journals: it bounds the transaction, and the block it is sealed in. */
export const journalsPerPostMax = 1_000;

async function post(
  known: KnownAccounts,
  transaction: Queryable,
  journals: readonly Journal[],
): Promise<PostedJournal[]> {
  if (journals.length === 0) return [];
  if (journals.length > journalsPerPostMax) throw new RangeError(`${journals.length} journals in one post`);
  const entries = journals.map((journal) => ({ id: newId(), journal, hash: contentHash(known, journal) }));
  const opening = openAccounts(known, journals);
  const statement = postStatement(rowsOf(known, entries), opening);
  try {
    const { rows } = await transaction.query<{ reference: string; opened: string[] | null }>(statement);
    if (rows[0] !== undefined) rememberOpen(opening, rows[0].opened ?? []);
    const written = new Set(rows.map(({ reference }) => reference));
    if (written.size === entries.length) {
      return entries.map(({ id, journal }) => ({ id, reference: journal.reference, replayed: false }));
    }
    return await withReplays(transaction, entries, written);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    // Remembered as open, yet not there (a restored database, say): the caller's repeat opens it.
    if (refusal.code === 'unknown_account') forgetAll(known, journals);
    throw refusal;
  }
}

/** An account that this transaction opened is not there for good yet: only what was there before is remembered. */
function rememberOpen(opening: readonly Opening[], opened: readonly string[]): void {
  for (const { account } of opening) if (!opened.includes(account.id)) account.isOpen = true;
}

interface Entry {
  id: string;
  journal: Journal;
  hash: Buffer;
}

/** Some references were taken: by this very journal, then it is a repeat and nothing was written, or by another. */
async function withReplays(
  transaction: Queryable,
  entries: readonly Entry[],
  written: ReadonlySet<string>,
): Promise<PostedJournal[]> {
  const { rows } = await transaction.query<{ id: string; reference: string; content_hash: Buffer }>({
    name: 'ledger.replays',
    text: 'select id, reference, content_hash from ledger_journals where reference = any ($1::text[])',
    values: [entries.map(({ journal }) => journal.reference)],
  });
  const stored = new Map(rows.map((row) => [row.reference, row]));
  return entries.map(({ journal, hash }) => {
    const { reference } = journal;
    const row = stored.get(reference);
    if (row === undefined || !row.content_hash.equals(hash)) {
      throw new LedgerRefusal('reference_conflict', reference);
    }
    return { id: row.id, reference, replayed: !written.has(reference) };
  });
}

/** LD001 is how the ledger's triggers refuse: the code in the message, the rows in the detail. */
export function refusalOf(error: unknown): LedgerRefusal | undefined {
  if (!(error instanceof DatabaseError) || error.code !== 'LD001') return undefined;
  const code = refusalCodes.find((name) => name === error.message);
  return code === undefined ? undefined : new LedgerRefusal(code, error.detail ?? '');
}

function forgetAll(known: KnownAccounts, journals: readonly Journal[]): void {
  for (const { postings } of journals) for (const { account } of postings) known.forget(account);
}
