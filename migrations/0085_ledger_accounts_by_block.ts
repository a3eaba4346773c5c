import type { Knex } from 'knex';
import { balanceAt, guardPartition, postingsTable } from './0010_ledger';
import { keepingAndMoving, movingBalances, sealing } from './0011_ledger_sealing';
import { booking, finding } from './0082_ledger_booking';
import { balance } from './0084_ledger_balance_plans';

export const guardingBalances = `  -- First the locks, always in the same order; then the sums, with a snapshot taken under the locks.
  if current_setting('transaction_isolation') <> 'read committed' then
    perform ledger_refuse('insufficient_funds', 'what an account holds is only known in read committed');
  end if;
  select array_agg(distinct a.id order by a.id) into lowered
  from unnest(journals) j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  cross join lateral (select id from ledger_accounts where id = l.account_id and is_guarded offset 0) a
  where l.amount > 0;
  perform from ledger_accounts where id = any (lowered) order by id for no key update;
  select account_id into overdrawn from ledger_balances_of(lowered) where balance > 0 order by account_id limit 1;
  if overdrawn is not null then
    perform ledger_refuse('insufficient_funds', overdrawn::text);
  end if;
end $$;
`;

export const lookingCarefully = `-- Says by its name what is wrong with journals, and looks at the guarded accounts that they lower.
create or replace function ledger_book_carefully(journals ledger_journals[]) returns void language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  worst text;
  lowered uuid[];
  overdrawn uuid;
begin
  select least(min(finding), case when sum(amount) <> 0 then '4 unbalanced' end) into worst
  from (
    select j.id as journal_id, l.amount, a.currency,
${finding}
    from unnest(journals) j
    left join lateral unnest(j.account_ids, j.amounts) l (account_id, amount) on true
    left join lateral (
      select mode, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
    ) a on true
  ) lines
  group by journal_id, currency
  having min(finding) is not null or sum(amount) <> 0 order by 1;

  if worst is null then
    return;
  end if;
  if worst <> '5 lowers' then
    perform ledger_refuse(substring(worst from 3), (
      select string_agg(format('%s: %s on %s', j.reference, j.amounts, j.account_ids), '; ')
      from (select * from unnest(journals) order by id limit 5) j));
  end if;

${guardingBalances}`;

export const lookingOnce = `-- One look at a statement's journal: is it plainly right, in one currency, and lowers nobody's own money? All else
-- (several journals, an exchange, a hold that is released, whatever is wrong) is looked at with care.
-- What a look costs is its plan being set up: so few operators, and few aggregates. A line that is not right counts as
-- NaN, and then no sum is zero; a journal without lines counts as one such line.
create or replace function ledger_book() returns trigger language plpgsql
set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  is_right boolean;
begin
  select sum(case when l.amount <> 0 and a.mode = j.mode and a.closed_at is null and not (a.is_guarded and l.amount > 0)
        and cardinality(j.account_ids) <= 1000 and j.kind <> 'adjustment'
        and j.reference like '___\\_%' and length(j.reference) <= 400
        and j.tx = pg_current_xact_id() and j.recorded_at = statement_timestamp()
      then l.amount else 'NaN' end) = 0
    and min(a.currency) = max(a.currency) and min(j.id) = max(j.id) into is_right
  from new_journals j left join lateral unnest(j.account_ids, j.amounts) l (account_id, amount) on true
  left join lateral (
    select mode, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
  ) a on true;
  if is_right is not true then
    perform ledger_book_carefully(array(select row(j.*)::ledger_journals from new_journals j));
  end if;
  return null;
end $$;
`;

/**
 * A journal is one row and nothing else: what it did to its accounts is listed with the block that seals it, and its
 * checks are a look at the row that finds nothing. docs/adr/0009-accounts-are-listed-by-block.md says why.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- Nothing is sealed from here on, so the blocks that there are can be gone through while journals are written.
select pg_advisory_xact_lock(hashtext('ledger_seal'));

-- What a block did to an account: how much and when, and in which transactions.
create table ledger_account_blocks (
  account_id uuid not null,
  tx_until xid8 not null,
  block_no bigint not null,
  amount numeric(38, 0) not null,
  posting_count bigint not null check (posting_count > 0),
  recorded_from timestamptz not null,
  recorded_until timestamptz not null check (recorded_until >= recorded_from),
  -- In no order, and some of them twice.
  txs xid8[] not null check (cardinality(txs) > 0),
  primary key (account_id, tx_until)
);

insert into ledger_account_blocks
  (account_id, tx_until, block_no, amount, posting_count, recorded_from, recorded_until, txs)
select l.account_id, b.tx_until, b.no, sum(l.amount), count(*), min(j.recorded_at), max(j.recorded_at), array_agg(distinct j.tx)
from ledger_blocks b join ledger_journals j on j.tx >= b.tx_from and j.tx < b.tx_until
cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
group by l.account_id, b.tx_until, b.no order by b.no;

-- For a block's own rows when it is verified; they lie together, so this costs next to nothing to keep.
create index ledger_account_blocks_by_block on ledger_account_blocks
  using brin (block_no) with (pages_per_range = 16, autosummarize = on);

-- From here on nothing is written either. What can't have the tables at once gives up, and is begun again.
set local lock_timeout = '5s';
lock table ledger_journals, ledger_blocks, ledger_balances, ledger_balance_history in share row exclusive mode;
drop table ledger_postings;
drop function guard_partition(text, text), ledger_posting_is_booked();

-- Every line of every journal, sealed or not.
create view ledger_postings as
  select l.account_id, j.tx, j.id as journal_id, l.no::smallint as no, l.amount, j.recorded_at
  from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no);

-- What nobody searches by: finding out how arrays are spread is most of what an ANALYZE of them costs.
alter table ledger_journals alter column account_ids set statistics 0, alter column amounts set statistics 0,
  alter column workflow_id set statistics 0, alter column effective_at set statistics 0;
alter table ledger_account_blocks alter column txs set statistics 0, alter column amount set statistics 0;
alter table ledger_blocks alter column row_hashes set statistics 0;

-- Every journal of a transaction before this one is in a block.
create function ledger_sealed_until() returns xid8 language sql stable as $$
  select coalesce((select tx_until from ledger_blocks order by no desc limit 1), '0')
$$;

-- With a block the balances move, and each account that it moved lists it.
create function ledger_block_moves() returns trigger language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_hashjoin = off as $$
declare
  block ledger_blocks;
begin
  for block in select * from new_blocks order by no loop
    with moved as materialized (
      select l.account_id, sum(l.amount) as amount, count(*) as lines, array_agg(j.tx) as txs,
        min(j.recorded_at) as recorded_from, max(j.recorded_at) as recorded_until
      from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      where j.tx >= block.tx_from and j.tx < block.tx_until group by l.account_id
    ), listed as (
      insert into ledger_account_blocks
        (account_id, tx_until, block_no, amount, posting_count, recorded_from, recorded_until, txs)
      select account_id, block.tx_until, block.no, amount, lines, recorded_from, recorded_until, txs from moved
    ), ${keepingAndMoving}  end loop;
  return null;
end $$;
create trigger moves after insert on ledger_blocks referencing new table as new_blocks
  for each statement execute function ledger_block_moves();

-- A row without its block would be a lie. (And whoever is still at sealing as it was before this migration fails here,
-- instead of moving balances once more.)
create function ledger_is_moved_by_block() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() = 1 then
    raise exception using errcode = 'LD002', message = 'immutable',
      detail = format('%s on %s: a block alone moves balances, and lists what it moved', tg_op, tg_table_name);
  end if;
  return null;
end $$;
create trigger listed_by_block before insert on ledger_account_blocks for each statement
  execute function ledger_is_moved_by_block();
create trigger moved_by_block before insert or update or delete or truncate on ledger_balances for each statement
  execute function ledger_is_moved_by_block();
create trigger moved_by_block before insert or update or delete or truncate on ledger_balance_history for each statement
  execute function ledger_is_moved_by_block();
create trigger immutable before update or delete on ledger_account_blocks for each row
  execute function ledger_is_immutable();
create trigger never_emptied before truncate on ledger_account_blocks for each statement
  execute function ledger_is_immutable();

-- Sealing as before, but for what it did to balances.
${sealing('')}

-- What an account holds now, in debits less credits: as it was rolled up, and what no block has yet.
create or replace function ledger_balance(account uuid) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  return coalesce((select balance from ledger_balances where account_id = account), 0) + coalesce((
    select sum(l.amount) from ledger_journals j
    cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    where j.tx >= ledger_sealed_until() and account = any (j.account_ids) and l.account_id = account), 0);
end $$;

-- The same for several accounts, with one look at what no block has yet.
create function ledger_balances_of(accounts uuid[]) returns table (account_id uuid, balance numeric)
language plpgsql stable security definer set search_path = public, pg_temp
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
    select a.id, coalesce(b.balance, 0) + coalesce(t.amount, 0)
    from (select distinct unnest(accounts) as id) a
    left join ledger_balances b on b.account_id = a.id
    left join (
      select l.account_id, sum(l.amount) as amount from ledger_journals j
      cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      where j.tx >= ledger_sealed_until() and j.account_ids && accounts and l.account_id = any (accounts)
      group by l.account_id
    ) t on t.account_id = a.id;
end $$;

-- A transaction that every journal recorded until a moment lies before. A transaction is never open for a day: so the
-- first journal of the block that begins with it was recorded a day later than that, and what comes after, too.
create function ledger_tx_after(moment timestamptz) returns xid8 language plpgsql stable
security definer set search_path = public, pg_temp
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  low bigint := 1;
  high bigint := coalesce((select no from ledger_blocks order by no desc limit 1), 0) + 1;
  middle bigint;
begin
  while low < high loop
    middle := (low + high) / 2;
    if (select j.recorded_at from ledger_blocks b cross join lateral (
          select recorded_at from ledger_journals where tx >= b.tx_from order by tx, id limit 1) j
        where b.no = middle) > moment + interval '1 day' then
      high := middle;
    else
      low := middle + 1;
    end if;
  end loop;
  return coalesce((select tx_from from ledger_blocks where no = high), '18446744073709551615');
end $$;

-- What it held at a moment, as the ledger knew it then: from the last balance that was kept before it block by block,
-- and line by line only where the moment falls within a block.
create or replace function ledger_balance_at(account uuid, moment timestamptz) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  total numeric;
  since xid8;
  until xid8 := ledger_tx_after(moment);
begin
  select balance, through_tx into total, since from (
    select balance, through_tx, sealed_at from ledger_balances where account_id = account and sealed_at <= moment
    union all
    (select balance, through_tx, sealed_at from ledger_balance_history
     where account_id = account and sealed_at <= moment order by sealed_at desc limit 1)
  ) known order by sealed_at desc limit 1;
  since := coalesce(since, '0');
  return coalesce(total, 0)
    + coalesce((select sum(amount) from ledger_account_blocks
        where account_id = account and tx_until > since and tx_until <= until and recorded_until <= moment), 0)
    + coalesce((select sum(l.amount) from ledger_account_blocks b
        cross join lateral (select distinct unnest(b.txs) as tx) t
        join ledger_journals j on j.tx = t.tx and j.recorded_at <= moment
        cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
        where b.account_id = account and b.tx_until > since and b.tx_until <= until
          and b.recorded_from <= moment and b.recorded_until > moment and l.account_id = account), 0)
    + coalesce((select sum(l.amount) from ledger_journals j
        cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
        where j.tx >= ledger_sealed_until() and account = any (j.account_ids) and j.recorded_at <= moment
          and l.account_id = account), 0);
end $$;

-- What moved an account, newest first: up to so many lines recorded from \`since\` and before \`until\` (null: to now),
-- after the place given (null: from the newest). The tail first, then block by block, from the block in which the place
-- lies (the first that ends after it) or the time until which is asked, to a day before the time since when. No bitmaps:
-- they would collect all blocks before the first is looked at.
create function ledger_entries(account uuid, since timestamptz, until timestamptz, after_tx xid8, after_journal bigint,
  after_no smallint, lines_max int)
returns table (tx xid8, journal_id bigint, no smallint, amount numeric, recorded_at timestamptz, effective_at timestamptz,
  reference text, kind text, payment_id uuid, refund_id uuid)
language plpgsql stable set search_path = public, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  head xid8 := ledger_sealed_until();
  newest xid8;
  block record;
  given int := 0;
  found_now int;
begin
  if after_tx is null or after_tx >= head then
    return query select j.tx, j.id, l.no::smallint, l.amount, j.recorded_at, j.effective_at, j.reference, j.kind,
        j.payment_id, j.refund_id
      from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no)
      where j.tx >= head and account = any (j.account_ids) and l.account_id = account
        and j.recorded_at >= since and (until is null or j.recorded_at < until)
        and (after_tx is null or (j.tx, j.id, l.no) < (after_tx, after_journal, after_no))
      order by j.tx desc, j.id desc, l.no desc limit lines_max;
    get diagnostics given = row_count;
  end if;
  newest := least(
    (select min(tx_until) from ledger_account_blocks where account_id = account and tx_until > after_tx),
    case when until is not null then ledger_tx_after(until) end, '18446744073709551615');
  for block in
    select txs, recorded_from, recorded_until from ledger_account_blocks
    where account_id = account and tx_until <= newest order by tx_until desc
  loop
    exit when given >= lines_max or block.recorded_until < since - interval '1 day';
    continue when block.recorded_until < since or block.recorded_from >= until;
    return query select j.tx, j.id, l.no::smallint, l.amount, j.recorded_at, j.effective_at, j.reference, j.kind,
        j.payment_id, j.refund_id
      from (select distinct unnest(block.txs) as tx order by 1 desc) t join ledger_journals j on j.tx = t.tx
      cross join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no)
      where l.account_id = account and j.recorded_at >= since and (until is null or j.recorded_at < until)
        and (after_tx is null or (j.tx <= after_tx and (j.tx, j.id, l.no) < (after_tx, after_journal, after_no)))
      order by t.tx desc, j.id desc, l.no desc limit lines_max - given;
    get diagnostics found_now = row_count;
    given := given + found_now;
  end loop;
end $$;

${lookingCarefully}
${lookingOnce}
grant select on ledger_account_blocks, ledger_postings to durapay_app;
`);
}

/** The lines by account again, in a table of their own. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
select pg_advisory_xact_lock(hashtext('ledger_seal'));
set local lock_timeout = '5s';
lock table ledger_journals, ledger_blocks, ledger_balances, ledger_balance_history in share row exclusive mode;
drop trigger moves on ledger_blocks;
drop trigger moved_by_block on ledger_balances;
drop trigger moved_by_block on ledger_balance_history;
drop view ledger_postings;
drop table ledger_account_blocks;

${postingsTable}do $$
begin
  execute format('create table ledger_postings_before partition of ledger_postings for values from (minvalue) to (%L)',
    date_trunc('month', now(), 'UTC'));
end $$;
select ensure_partitions('ledger_postings', 'month', 3);
insert into ledger_postings
select l.account_id, j.tx, j.id, l.no, l.amount, j.recorded_at
from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no);
grant select on ledger_postings to durapay_app;

create trigger immutable before update or delete on ledger_postings for each row execute function ledger_is_immutable();
create trigger never_emptied before truncate on ledger_postings for each statement execute function ledger_is_immutable();
${guardPartition}
select guard_partition('ledger_postings', inhrelid::regclass::text) from pg_inherits
where inhparent = 'ledger_postings'::regclass;
${booking}
create or replace trigger booked_only before insert on ledger_postings for each statement
  execute function ledger_posting_is_booked();
${sealing(movingBalances)}
${balance}
${balanceAt}
alter function ledger_balance_at(uuid, timestamptz) set plan_cache_mode = force_generic_plan;
drop function ledger_book_carefully(ledger_journals[]), ledger_balances_of(uuid[]), ledger_tx_after(timestamptz),
  ledger_entries(uuid, timestamptz, timestamptz, xid8, bigint, smallint, int), ledger_is_moved_by_block(), ledger_block_moves(), ledger_sealed_until();
`);
}
