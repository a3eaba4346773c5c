import type { Queryable } from '../../pool';
import { nameOfHead, verifyBlocks, type BrokenRow } from '../ledger-chain';
import { nobody, ofBroken, paged, verdict, type Invariant } from './check';

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
  parts: [paged({ start: '0/-1', pageRows: 1_000, text: journals })],
};

/** The block that row p names, if it is of the moment that p says. */
const itsBlock = `
    select from ledger_blocks k where k.no = p.block_no and k.tx_until = p.through_tx and k.sealed_at = p.sealed_at`;

/** How many blocks of one account are summed at a time: one that every payment moves has a block for every second. */
const blocksSummedMax = 20_000;

// What was rolled up is what the blocks say that moved the account; what is served is that and what no block has yet.
// An account of very many blocks is summed in several pages: the key says how far, and what it came to until there.
const balances = `
with given as (
  select p[1]::uuid as id, p[2]::xid8 as tx, p[3]::numeric as amount, p[4]::numeric as lines
  from string_to_array($1, '/') p
), page as materialized (
  select *, row_number() over (order by id) as n from (
    select a.id, coalesce(b.balance, 0) as balance, coalesce(b.posting_count, 0) as posting_count,
      b.through_tx, b.block_no, b.sealed_at, s.blocks, s.last,
      s.amount + coalesce(g.amount, 0) as rolled, s.lines + coalesce(g.lines, 0) as lines
    from (
      (select id from ledger_accounts where id = (select id from given where tx is not null))
      union all
      (select id from ledger_accounts where id > (select id from given) order by id limit $2)
      order by id limit $2
    ) i join ledger_accounts a on a.id = i.id
    left join ledger_balances b on b.account_id = a.id
    left join given g on g.id = a.id
    cross join lateral (
      select coalesce(sum(amount), 0) as amount, coalesce(sum(posting_count), 0) as lines,
        coalesce(max(tx_until), g.tx) as last, count(*) as blocks
      from (
        select amount, posting_count, tx_until from ledger_account_blocks
        where account_id = a.id and tx_until > coalesce(g.tx, '0') order by tx_until limit ${blocksSummedMax}
      ) k
    ) s
  ) a
), cut as (
  select * from page where blocks = ${blocksSummedMax} order by id limit 1
), judged as materialized (
  select * from page where id < (select id from cut) or not exists (select from cut)
), tail as materialized (
  select l.account_id, sum(l.amount) as amount
  from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  where j.tx >= ledger_sealed_until() group by l.account_id
), summed as (
  select p.*, v.balance as served, p.rolled + coalesce(t.amount, 0) as total
  from judged p left join tail t on t.account_id = p.id
  join ledger_balances_of(array(select id from judged)) v on v.account_id = p.id
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
select coalesce((select concat_ws('/', id, last, rolled, lines) from cut),
    (select id::text from page order by n desc limit 1)) as last,
  (select count(*) = $2 from page) or exists (select from cut) as has_more,
  (select count(*) from judged) as checked,
  ${ofBroken}`;

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
  parts: [
    paged({ start: nobody, pageRows: 50, text: balances }),
    paged({ start: `${nobody}/-infinity`, pageRows: 100, text: kept }),
  ],
};

// A second or two is usual, and a transaction of ours that stays open is ended after 15.
const unsealedMinutesMax = 5;

export const chainVerifies: Invariant = {
  name: 'chain_verifies',
  promise: `the sealed blocks are what was sealed, each hashed onto the one before and listed by its accounts, and no journal waits for its block for more than ${unsealedMinutesMax} minutes`,
  parts: [
    async function* (database) {
      const waiting = await findWaiting(database, unsealedMinutesMax);
      if (waiting === undefined) return;
      const { reference, recordedAt } = waiting;
      yield {
        checked: 0,
        offenders: [
          `not_sealed: ${reference} and what came after it wait for a block since ${recordedAt.toISOString()} (docs/runbooks/ledger-not-sealed.md)`,
        ],
      };
    },
    async function* (database, from) {
      for await (const { journals, head, broken, isLast } of verifyBlocks(database, from)) {
        yield {
          checked: journals,
          offenders: broken === undefined ? [] : [described(broken)],
          note: `last block verified: ${head.no} ${head.hash.toString('hex')}`,
          ...(!isLast && { next: nameOfHead(head) }),
        };
      }
    },
  ],
};

function described({ problem, accountId, reference, journalId, blockNo }: BrokenRow): string {
  const account = accountId === undefined ? undefined : `account ${accountId}`;
  const where = [account, reference ?? journalId?.toString(), `block ${blockNo}`];
  return `${problem}: ${where.filter(Boolean).join(', ')}`;
}

async function findWaiting(database: Queryable, minutes: number) {
  const { rows } = await database.query<{ reference: string; recordedAt: Date }>(
    `select reference, recorded_at as "recordedAt" from ledger_journals
     where tx >= ledger_sealed_until() and recorded_at < clock_timestamp() - make_interval(mins => $1)
     order by tx, id limit 1`,
    [minutes],
  );
  return rows[0];
}
