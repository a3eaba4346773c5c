import type { QueryConfig } from 'pg';
import type { Account } from '../../domain/ledger/account';
import type { Journal } from '../../domain/ledger/journal';
import { ownerIdOf, type KnownAccount, type KnownAccounts } from './ledger-accounts';

/** A journal and the accounts of its lines, in their order: each is looked up once. */
export interface NamedJournal {
  journal: Journal;
  accounts: readonly KnownAccount[];
}

export function nameAccounts(known: KnownAccounts, journal: Journal): NamedJournal {
  return { journal, accounts: journal.postings.map(({ account }) => known.of(account)) };
}

export interface Opening {
  account: KnownAccount;
  row: Account;
}

const nothing: readonly Opening[] = [];

/** The accounts not yet known to be there, in the order of their ids: two statements that open the same don't cross. */
export function openAccounts(named: readonly NamedJournal[]): readonly Opening[] {
  if (named.every(({ accounts }) => accounts.every(({ isOpen }) => isOpen))) return nothing;
  const opening = new Map<string, Opening>();
  for (const { journal, accounts } of named) {
    for (const [at, { account: row }] of journal.postings.entries()) {
      const account = accounts[at];
      if (account?.isOpen === false) opening.set(account.id, { account, row });
    }
  }
  return [...opening.values()].sort((a, b) => (a.account.id < b.account.id ? -1 : 1));
}

/** An array as PostgreSQL reads it; the elements are uuids or whole numbers, so nothing needs quoting. */
function arrayOf<Element>(elements: readonly Element[], text: (element: Element) => string): string {
  let array = '';
  for (const element of elements) array += (array === '' ? '{' : ',') + text(element);
  return `${array || '{'}}`;
}

export function accountIdsOf({ accounts }: NamedJournal): string {
  return arrayOf(accounts, ({ id }) => id);
}

export function amountsOf({ journal }: NamedJournal): string {
  return arrayOf(journal.postings, ({ amount }) => amount.toString());
}

const columnNames = [
  'reference',
  'kind',
  'mode',
  'account_ids',
  'amounts',
  'effective_at',
  'payment_id',
  'refund_id',
  'dispute_id',
  'withdrawal_id',
  'settlement_id',
  'workflow_id',
  'reason',
  'approved_by',
] as const;
const columns = columnNames.join(', ');

/** A statement for each set of columns that journals have values for: a handful. */
const insertsByColumns = new Map<number, { name: string; text: string }>();

/**
 * The payment's own: one journal, all accounts known. Plain values cost the planner and the executor half as much as
 * rows made from arrays, and each value that isn't sent spares the way of a null.
 */
function insertOne(values: readonly (string | null)[]): QueryConfig {
  let set = 0;
  for (let at = 0; at < values.length; at += 1) if (values[at] !== null) set |= 1 << at;
  let statement = insertsByColumns.get(set);
  if (statement === undefined) {
    const named = columnNames.filter((_, at) => (set & (1 << at)) !== 0);
    statement = {
      name: `ledger.post_one_${set}`,
      text: `insert into ledger_journals (${named.join(', ')})
        values (${named.map((_, at) => `$${at + 1}`).join(', ')}) on conflict (reference) do nothing`,
    };
    insertsByColumns.set(set, statement);
  }
  return { name: statement.name, text: statement.text, values: values.filter((value) => value !== null) };
}

/** Its parameters' types have to be said where it hangs on another part's row. */
const types = [
  'text',
  'text',
  'text',
  'uuid[]',
  'numeric[]',
  'timestamptz',
  'uuid',
  'uuid',
  'uuid',
  'uuid',
  'uuid',
];

/** One journal as a part of another statement, written only if `from` has a row. */
export function journalPart(
  named: NamedJournal,
  { from, bind }: { from: string; bind: (value: unknown) => string },
): string {
  const values = valuesOf(named).map((value, no) => `${bind(value)}::${types[no] ?? 'text'}`);
  return `insert into ledger_journals (${columns}) select ${values.join(', ')} from ${from}`;
}

const write = `insert into ledger_journals (${columns})
  select reference, kind, mode, account_ids::uuid[], amounts::numeric[], effective_at, payment_id, refund_id,
    dispute_id, withdrawal_id, settlement_id, workflow_id, reason, approved_by
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[],
    $9::uuid[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::text[]) as given (${columns})
  on conflict (reference) do nothing
  returning reference`;

const open = `opened as (
  insert into ledger_accounts (id, mode, owner_kind, owner_id, kind, currency)
  select * from unnest($15::uuid[], $16::text[], $17::text[], $18::uuid[], $19::text[], $20::text[])
  on conflict do nothing
  returning id
)`;

/** Journals, their postings and the accounts they need, in one statement. */
export function postStatement(named: readonly NamedJournal[], opening: readonly Opening[]): QueryConfig {
  const rows = named.map(valuesOf);
  const first = rows[0] ?? [];
  if (opening.length === 0 && rows.length === 1) return insertOne(first);
  // An array for each of `columnNames`, in their order.
  const values = first.map((_, at) => rows.map((row) => row[at]));
  if (opening.length === 0) return { name: 'ledger.post', text: write, values };
  return {
    name: 'ledger.open_and_post',
    text: `with ${open}, written as (${write})
           select reference, null::uuid as opened from written union all select null, id from opened`,
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

/** A value for each of `columnNames`, in their order. */
function valuesOf(named: NamedJournal): (string | null)[] {
  const { reference, kind, mode, effectiveAt, links, reason, approvedBy } = named.journal;
  return [
    reference,
    kind,
    mode,
    accountIdsOf(named),
    amountsOf(named),
    effectiveAt.toISOString(),
    links.paymentId ?? null,
    links.refundId ?? null,
    links.disputeId ?? null,
    links.withdrawalId ?? null,
    links.settlementId ?? null,
    links.workflowId ?? null,
    reason ?? null,
    approvedBy ?? null,
  ];
}
