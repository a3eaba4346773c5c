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
  union all
  select format('%s and its postings differ', p.reference) from page p
  where (
    select array_agg(q.account_id order by q.no) = p.account_ids and array_agg(q.amount order by q.no) = p.amounts
    from (select distinct unnest(p.account_ids) as id) a
    join ledger_postings q on q.account_id = a.id and q.tx = p.tx and q.journal_id = p.id
      and q.recorded_at = p.recorded_at
  ) is not true
)
${verdict("tx::text || '/' || id::text")}`;

export const journalsBalance: Invariant = {
  name: 'journals_balance',
  promise: 'every journal sums to zero in each currency, and its postings are its lines',
  pages: (database) => paged(database, { start: '0/-1', pageRows: 1_000, text: journals }),
};

// What was rolled up holds every posting before through_tx; what is served is that and the rest.
const balances = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select a.id, b.balance, b.posting_count, b.through_tx from ledger_accounts a
    left join ledger_balances b on b.account_id = a.id where a.id > $1::uuid order by a.id limit $2
  ) a
), summed as (
  select p.id, p.balance, p.posting_count, s.* from page p cross join lateral (
    select coalesce(sum(amount), 0) as total, coalesce(sum(amount) filter (where tx < p.through_tx), 0) as rolled,
      count(*) filter (where tx < p.through_tx) as lines
    from ledger_postings where account_id = p.id
  ) s
), broken as (
  select format('account %s says %s, its postings %s', id, ledger_balance(id), total) as offender
  from summed where ledger_balance(id) <> total
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
  promise: 'the sealed blocks are what was sealed, each hashed onto the one before',
  pages: async function* (database, msMax) {
    const { journals: checked, headHash, isComplete, broken } = await verifyChain(database, { msMax });
    const where = broken && [broken.reference ?? broken.journalId?.toString(), `block ${broken.blockNo}`];
    yield {
      checked,
      offenders: broken === undefined ? [] : [`${broken.problem}: ${where?.filter(Boolean).join(', ')}`],
      isCutShort: !isComplete,
      note: `last block verified: ${headHash}`,
    };
  },
};
