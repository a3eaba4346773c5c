import type { QueryConfig } from 'pg';
import type { Account } from '../../domain/ledger/account';
import type { Journal } from '../../domain/ledger/journal';
import { ownerIdOf, type KnownAccount, type KnownAccounts } from './ledger-accounts';

export interface EntryToWrite {
  id: string;
  journal: Journal;
  hash: Buffer;
}

/** Columns of values: PostgreSQL unnests them into rows, so that one prepared statement serves any number. */
type Columns = readonly (readonly (string | number | null)[])[];

interface Rows {
  journals: Columns;
  postings: Columns;
}

export function rowsOf(known: KnownAccounts, entries: readonly EntryToWrite[]): Rows {
  const lines = entries.flatMap(({ id, journal }) =>
    journal.postings.map(({ account, amount }, index) => ({ id, no: index + 1, account, amount })),
  );
  return {
    journals: [
      entries.map(({ id }) => id),
      entries.map(({ journal }) => journal.reference),
      entries.map(({ journal }) => journal.kind),
      entries.map(({ journal }) => journal.mode),
      entries.map(({ journal }) => journal.postings.length),
      entries.map(({ hash }) => `\\x${hash.toString('hex')}`),
      entries.map(({ journal }) => journal.effectiveAt.toISOString()),
      entries.map(({ journal }) => journal.links.paymentId ?? null),
      entries.map(({ journal }) => journal.links.refundId ?? null),
      entries.map(({ journal }) => journal.links.disputeId ?? null),
      entries.map(({ journal }) => journal.links.withdrawalId ?? null),
      entries.map(({ journal }) => journal.links.settlementId ?? null),
      entries.map(({ journal }) => journal.links.workflowId ?? null),
      entries.map(({ journal }) => journal.reason ?? null),
      entries.map(({ journal }) => journal.approvedBy ?? null),
    ],
    postings: [
      lines.map(({ id }) => id),
      lines.map(({ no }) => no),
      lines.map(({ account }) => known.of(account).id),
      lines.map(({ account }) => account.currency),
      lines.map(({ amount }) => amount.toString()),
    ],
  };
}

export interface Opening {
  account: KnownAccount;
  row: Account;
}

/** The accounts not yet known to be there, in the order of their ids: two statements that open the same don't cross. */
export function openAccounts(known: KnownAccounts, journals: readonly Journal[]): Opening[] {
  const opening = new Map<string, Opening>();
  for (const { postings } of journals) {
    for (const { account: row } of postings) {
      const account = known.of(row);
      if (!account.isOpen) opening.set(account.id, { account, row });
    }
  }
  return [...opening.values()].sort((a, b) => (a.account.id < b.account.id ? -1 : 1));
}

const write = `written as (
  insert into ledger_journals (id, reference, kind, mode, posting_count, content_hash, effective_at,
    payment_id, refund_id, dispute_id, withdrawal_id, settlement_id, workflow_id, reason, approved_by)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bytea[], $7::timestamptz[],
    $8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::text[], $15::text[])
  on conflict (reference) do nothing
  returning id, reference
), posted as (
  insert into ledger_postings (journal_id, no, account_id, currency, amount)
  select p.* from unnest($16::uuid[], $17::smallint[], $18::uuid[], $19::text[], $20::numeric[])
    as p (journal_id, no, account_id, currency, amount)
  join written on written.id = p.journal_id
)`;

const open = `opened as (
  insert into ledger_accounts (id, mode, owner_kind, owner_id, kind, currency)
  select * from unnest($21::uuid[], $22::text[], $23::text[], $24::uuid[], $25::text[], $26::text[])
  on conflict do nothing
  returning id
)`;

/** Journals and postings in one statement, so that the database sees each journal whole. */
export function postStatement(rows: Rows, opening: readonly Opening[]): QueryConfig {
  const values = [...rows.journals, ...rows.postings];
  if (opening.length === 0) {
    return {
      name: 'ledger.post',
      text: `with ${write} select reference, null::uuid[] as opened from written`,
      values,
    };
  }
  return {
    name: 'ledger.open_and_post',
    text: `with ${open}, ${write}
           select reference, (select array_agg(id) from opened) as opened from written`,
    values: [
      ...values,
      opening.map(({ account }) => account.id),
      opening.map(({ row }) => row.mode),
      opening.map(({ row }) => row.owner.kind),
      opening.map(({ row }) => ownerIdOf(row)),
      opening.map(({ row }) => row.kind),
      opening.map(({ row }) => row.currency),
    ],
  };
}
