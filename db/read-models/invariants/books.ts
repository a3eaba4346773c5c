import type { Queryable } from '../../pool';
import { verifyChain } from '../ledger-chain';
import { paged, verdict, type Invariant } from './check';

const nobody = '00000000-0000-0000-0000-000000000000';

const journals = `
with page as materialized (
  select *, row_number() over (order by tx, id) as n from (
    select tx, id, reference, account_ids, amounts, recorded_at from ledger_journals
    where (tx, id) > (split_part($1, '/', 1)::xid8, split_part($1, '/', 2)::bigint)
    order by tx, id limit $2
  ) j
), broken as (
  select format('%s sums to %s %s', p.reference, sum(l.amount), coalesce(a.currency, 'on an unknown account')) as offender
  from page p cross join lateral unnest(p.account_ids, p.amounts) l (account_id, amount)
  left join ledger_accounts a on a.id = l.account_id
  group by p.tx, p.id, p.reference, a.currency having sum(l.amount) <> 0 or a.currency is null
)
${verdict("tx::text || '/' || id::text")}`;

export const journalsBalance: Invariant = {
  name: 'journals_balance',
  promise: 'every journal sums to zero in each currency',
  pages: (database) => paged(database, { start: '0/-1', pageRows: 1_000, text: journals }),
};

/** The block that row p names, if it is of the moment that p says. */
const itsBlock = `
    select from ledger_blocks k where k.no = p.block_no and k.tx_until = p.through_tx and k.sealed_at = p.sealed_at`;

// What was rolled up is what the blocks say that moved the account; what is served is that and what no block has yet.
const balances = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select a.id, coalesce(b.balance, 0) as balance, coalesce(b.posting_count, 0) as posting_count,
      b.through_tx, b.block_no, b.sealed_at
    from ledger_accounts a left join ledger_balances b on b.account_id = a.id
    where a.id > $1::uuid order by a.id limit $2
  ) a
), tail as materialized (
  select l.account_id, sum(l.amount) as amount
  from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  where j.tx >= ledger_sealed_until() group by l.account_id
), summed as (
  select p.*, s.last, s.rolled, s.lines, v.balance as served, s.rolled + coalesce(t.amount, 0) as total
  from page p cross join lateral (
    select coalesce(sum(amount), 0) as rolled, coalesce(sum(posting_count), 0) as lines, max(tx_until) as last
    from ledger_account_blocks where account_id = p.id
  ) s left join tail t on t.account_id = p.id
  join ledger_balances_of(array(select id from page)) v on v.account_id = p.id
), broken as (
  select format('account %s says %s, its postings %s', id, served, total) as offender
  from summed where served <> total
  union all
  select format('account %s was rolled up to %s of %s postings, there are %s of %s', id, balance, posting_count, rolled, lines)
  from summed where balance <> rolled or posting_count <> lines
  union all
  select format('account %s was rolled up to another moment than its last block', id)
  from summed p where through_tx is distinct from last or (last is not null and not exists (${itsBlock}))
)
${verdict('id::text')}`;

// From one balance that was kept of an hour to the next it moved by what the blocks between them say, and each is of
// the moment of its block: a balance of the past begins to count there.
const kept = `
with page as materialized (
  select *, row_number() over (order by account_id, sealed_at) as n from (
    select account_id, balance, through_tx, block_no, sealed_at from ledger_balance_history
    where (account_id, sealed_at) > (split_part($1, '/', 1)::uuid, split_part($1, '/', 2)::timestamptz)
    order by account_id, sealed_at limit $2
  ) h
), moved as (
  select p.*, p.balance - coalesce(b.balance, 0) as said, (
    select coalesce(sum(amount), 0) from ledger_account_blocks
    where account_id = p.account_id and tx_until > coalesce(b.through_tx, '0') and tx_until <= p.through_tx
  ) as listed
  from page p left join lateral (
    select balance, through_tx from ledger_balance_history
    where account_id = p.account_id and sealed_at < p.sealed_at order by sealed_at desc limit 1
  ) b on true
), broken as (
  select format('account %s moved by %s until the balance kept of %s, its blocks say %s', account_id, said, sealed_at, listed) as offender
  from moved where said <> listed
  union all
  select format('account %s has a balance kept of %s, which is not when its block was sealed', account_id, sealed_at)
  from moved p where not exists (${itsBlock})
)
${verdict("account_id::text || '/' || sealed_at::text")}`;

export const balancesAreSums: Invariant = {
  name: 'balances_are_sums',
  promise:
    'every balance, as it is served, was rolled up and was kept of the past, is the sum of its postings',
  pages: async function* (database) {
    yield* paged(database, { start: nobody, pageRows: 20, text: balances });
    yield* paged(database, { start: `${nobody}/-infinity`, pageRows: 500, text: kept });
  },
};

// A second or two is usual, and a transaction of ours that stays open is ended after 15.
const unsealedMinutesMax = 5;

export const chainVerifies: Invariant = {
  name: 'chain_verifies',
  promise: `the sealed blocks are what was sealed, each hashed onto the one before and listed by its accounts, and no journal waits for its block for more than ${unsealedMinutesMax} minutes`,
  pages: async function* (database, msMax) {
    const waiting = await findWaiting(database, unsealedMinutesMax);
    const { journals: checked, headHash, isComplete, broken } = await verifyChain(database, { msMax });
    const where = broken && [
      broken.accountId === undefined ? undefined : `account ${broken.accountId}`,
      broken.reference ?? broken.journalId?.toString(),
      `block ${broken.blockNo}`,
    ];
    yield {
      checked,
      offenders: [
        ...(broken === undefined ? [] : [`${broken.problem}: ${where?.filter(Boolean).join(', ')}`]),
        ...(waiting === undefined
          ? []
          : [
              `not_sealed: ${waiting.reference} and what came after it wait for a block since ${waiting.recordedAt.toISOString()} (docs/runbooks/ledger-not-sealed.md)`,
            ]),
      ],
      isCutShort: !isComplete,
      note: `last block verified: ${headHash}`,
    };
  },
};

async function findWaiting(database: Queryable, minutes: number) {
  const { rows } = await database.query<{ reference: string; recordedAt: Date }>(
    `select reference, recorded_at as "recordedAt" from ledger_journals
     where tx >= ledger_sealed_until() and recorded_at < clock_timestamp() - make_interval(mins => $1)
     order by tx, id limit 1`,
    [minutes],
  );
  return rows[0];
}
