import { DatabaseError } from 'pg';
import type { Journal } from '../../domain/ledger/journal';
import type { LedgerPoster, PostedJournal } from '../../domain/ledger/contracts';
import { LedgerRefusal, refusalCodes } from '../../domain/ledger/refusal';
import { findCurrency } from '../../domain/money/currency';
import type { Queryable } from '../pool';
import { createKnownAccounts, type KnownAccounts } from './ledger-accounts';
import { findTakenReferences, saysTheSame } from './ledger-replays';
import {
  journalPart,
  nameAccounts,
  openAccounts,
  postStatement,
  type NamedJournal,
  type Opening,
} from './ledger-rows';

export interface LedgerOptions {
  /** How many accounts' ids are remembered: some 600 bytes each. */
  accountsKnownMax?: number;
  /** For whoever watches: what is refused is tried again by its workflow, and only a person can end that. */
  onRefused?: (refusal: LedgerRefusal) => void;
}

interface Context {
  known: KnownAccounts;
  onRefused: (refusal: LedgerRefusal) => void;
}

/** A journal that is written by somebody else's statement, together with what it books. */
export interface JournalPart {
  sql: (place: Parameters<typeof journalPart>[1]) => string;
  /** What the ledger makes of that statement's error: its refusal, or `taken`, when only `post` can tell a repeat. */
  readError: (error: unknown) => LedgerRefusal | 'taken' | undefined;
}

export interface Ledger extends LedgerPoster<Queryable> {
  /** Undefined where there is more to be done than to insert one row: several journals, or an account to open. */
  asPart(journals: readonly Journal[]): JournalPart | undefined;
}

/** One for each database: it remembers which accounts are open there. */
export function createLedger(options: LedgerOptions = {}): Ledger {
  const known = createKnownAccounts(options.accountsKnownMax ?? 100_000);
  const context = { known, onRefused: options.onRefused ?? (() => undefined) };
  return {
    post: (transaction, journals) => post(context, transaction, journals),
    asPart(journals) {
      const [journal, ...others] = journals;
      if (journal === undefined || others.length > 0) return undefined;
      const named = nameAccounts(known, journal);
      if (openAccounts([named]).length > 0) return undefined;
      return {
        sql: (place) => journalPart(named, place),
        readError: (error) => (isTaken(error) ? 'taken' : refusalFor(context, journals, error)),
      };
    },
  };
}

/** One statement takes at most so many journals: it bounds the transaction, and the block it is sealed in. */
const journalsPerPostMax = 1_000;

async function post(
  context: Context,
  transaction: Queryable,
  journals: readonly Journal[],
): Promise<PostedJournal[]> {
  if (journals.length === 0) return [];
  if (journals.length > journalsPerPostMax) throw new RangeError(`${journals.length} journals in one post`);
  const named = journals.map((journal) => nameAccounts(context.known, journal));
  const opening = openAccounts(named);
  try {
    refuseUnknownCurrency(opening);
    const { rows, rowCount } = await transaction.query<Posted>(postStatement(named, opening));
    // One journal on open accounts returns no row, only how many were written.
    if (rows.length === 0 && rowCount === journals.length) return journals.map(newlyPosted);
    const written = rows.flatMap(({ reference }) => reference ?? []);
    if (written.length > 0) rememberOpen(opening, new Set(rows.map(({ opened }) => opened)));
    if (written.length === journals.length) {
      return journals.map(newlyPosted);
    }
    return await withReplays(transaction, named, new Set(written));
  } catch (error) {
    throw refusalFor(context, journals, error) ?? error;
  }
}

/** Looked at only where an account is opened: those that are there were looked at then. */
function refuseUnknownCurrency(opening: readonly Opening[]): void {
  const odd = opening.find(({ row }) => findCurrency(row.currency) === undefined);
  if (odd === undefined) return;
  const { kind, currency } = odd.row;
  throw new LedgerRefusal('malformed', `${kind} in ${currency}, which is no currency of the platform`);
}

function newlyPosted({ reference }: Journal): PostedJournal {
  return { reference, replayed: false };
}

function refusalFor(
  { known, onRefused }: Context,
  journals: readonly Journal[],
  error: unknown,
): LedgerRefusal | undefined {
  const refusal = refusalOf(error);
  if (refusal !== undefined) onRefused(refusal);
  // Remembered as open, yet not there (opened by a transaction that was rolled back): the repeat opens it.
  if (refusal?.code === 'unknown_account') forgetAll(known, journals);
  return refusal;
}

function isTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.constraint === 'ledger_journals_reference_key';
}

/** A row for each journal that was written, and one for each account that was opened. */
interface Posted {
  reference: string | null;
  opened?: string | null;
}

/** An account that this transaction opened is not there for good yet: only what was there before is remembered. */
function rememberOpen(opening: readonly Opening[], opened: ReadonlySet<string | null | undefined>): void {
  for (const { account } of opening) if (!opened.has(account.id)) account.isOpen = true;
}

/** Some references were taken: by this very journal, then it is a repeat and nothing was written, or by another. */
async function withReplays(
  transaction: Queryable,
  named: readonly NamedJournal[],
  written: ReadonlySet<string>,
): Promise<PostedJournal[]> {
  const taken = await findTakenReferences(
    transaction,
    named.map(({ journal }) => journal.reference),
  );
  return named.map((one) => {
    const { reference } = one.journal;
    const row = taken.get(reference);
    if (row === undefined || !saysTheSame(row, one)) {
      throw new LedgerRefusal('reference_conflict', reference);
    }
    return { reference, replayed: !written.has(reference) };
  });
}

/** LD001 is how the ledger's trigger refuses: the code in the message, the rows in the detail. */
function refusalOf(error: unknown): LedgerRefusal | undefined {
  if (error instanceof LedgerRefusal) return error;
  if (!(error instanceof DatabaseError) || error.code !== 'LD001') return undefined;
  const code = refusalCodes.find((name) => name === error.message);
  return code === undefined ? undefined : new LedgerRefusal(code, error.detail ?? '');
}

function forgetAll(known: KnownAccounts, journals: readonly Journal[]): void {
  for (const { postings } of journals) for (const { account } of postings) known.forget(account);
}
