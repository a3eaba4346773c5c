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

// What was rolled up is what the blocks say that moved the account; what is served is that and what no block has yet.
const balances = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select a.id, coalesce(b.balance, 0) as balance, coalesce(b.posting_count, 0) as posting_count
    from ledger_accounts a left join ledger_balances b on b.account_id = a.id
    where a.id > $1::uuid order by a.id limit $2
  ) a
), tail as materialized (
  select l.account_id, sum(l.amount) as amount
  from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  where j.tx >= ledger_sealed_until() group by l.account_id
), summed as (
  select p.id, p.balance, p.posting_count, s.rolled, s.lines, v.balance as served, s.rolled + coalesce(t.amount, 0) as total
  from page p cross join lateral (
    select coalesce(sum(amount), 0) as rolled, coalesce(sum(posting_count), 0) as lines
    from ledger_account_blocks where account_id = p.id
  ) s left join tail t on t.account_id = p.id
  join ledger_balances_of(array(select id from page)) v on v.account_id = p.id
), broken as (
  select format('account %s says %s, its postings %s', id, served, total) as offender
  from summed where served <> total
  union all
  select format('account %s was rolled up to %s of %s postings, there are %s of %s', id, balance, posting_count, rolled, lines)
  from summed where balance <> rolled or posting_count <> lines
)
${verdict('id::text')}`;

export const balancesAreSums: Invariant = {
  name: 'balances_are_sums',
  promise: 'every balance, as it is served and as it was rolled up, is the sum of its postings',
  pages: (database) => paged(database, { start: nobody, pageRows: 20, text: balances }),
};

export const chainVerifies: Invariant = {
  name: 'chain_verifies',
  promise:
    'the sealed blocks are what was sealed, each hashed onto the one before and listed by its accounts',
  pages: async function* (database, msMax) {
    const { journals: checked, headHash, isComplete, broken } = await verifyChain(database, { msMax });
    const where = broken && [
      broken.accountId === undefined ? undefined : `account ${broken.accountId}`,
      broken.reference ?? broken.journalId?.toString(),
      `block ${broken.blockNo}`,
    ];
    yield {
      checked,
      offenders: broken === undefined ? [] : [`${broken.problem}: ${where?.filter(Boolean).join(', ')}`],
      isCutShort: !isComplete,
      note: `last block verified: ${headHash}`,
    };
  },
};
