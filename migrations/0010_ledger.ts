import type { Knex } from 'knex';

export const postingsTable = `create table ledger_postings (
  account_id uuid not null,
  tx xid8 not null,
  journal_id bigint not null,
  no smallint not null,
  amount numeric(38, 0) not null,
  recorded_at timestamptz not null
) partition by range (recorded_at);
create index ledger_postings_by_account on ledger_postings (account_id, tx);
`;

export const balanceAt = `
create or replace function ledger_balance_at(account uuid, moment timestamptz) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  start record;
  tail numeric;
begin
  select balance, through_tx, sealed_at into start from (
    select balance, through_tx, sealed_at from ledger_balances where account_id = account and sealed_at <= moment
    union all
    (select balance, through_tx, sealed_at from ledger_balance_history
     where account_id = account and sealed_at <= moment order by sealed_at desc limit 1)
  ) known order by sealed_at desc limit 1;
  if found then
    select sum(amount) into tail from ledger_postings
    where account_id = account and tx >= start.through_tx
      and recorded_at >= start.sealed_at - interval '1 day' and recorded_at <= moment;
    return start.balance + coalesce(tail, 0);
  end if;
  select sum(amount) into tail from ledger_postings where account_id = account and recorded_at <= moment;
  return coalesce(tail, 0);
end $$;`;

export const guardPartition = `
create function guard_partition(parent text, name text) returns void language plpgsql as $$
begin
  if parent = 'ledger_postings' then
    execute format('create trigger booked_only before insert on %I for each statement when (pg_trigger_depth() = 0)
      execute function ledger_is_immutable()', name);
    execute format('create trigger never_emptied before truncate on %I for each statement
      execute function ledger_is_immutable()', name);
  end if;
end $$;`;

/**
 * The ledger: accounts, journals and postings. Append-only; what makes a journal right is checked by the database,
 * once per statement. docs/ledger.md explains the rules, the chart of accounts and the sealing.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- Partitions by time as well as by id: the parent's partition key says which.
create or replace function ensure_partitions(parent text, step text, ahead int) returns int language plpgsql
security definer set search_path = public as $$
declare
  start_at timestamptz := date_trunc(step, now() at time zone 'UTC') at time zone 'UTC';
  width interval := ('1 ' || step)::interval;
  by_id boolean;
  name text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ensure_partitions'));
  select a.atttypid = 'uuid'::regtype into strict by_id
  from pg_partitioned_table t join pg_attribute a on a.attrelid = t.partrelid and a.attnum = t.partattrs[0]
  where t.partrelid = parent::regclass;
  for i in 0..ahead loop
    name := parent || '_' || to_char(start_at at time zone 'UTC', case step when 'day' then 'YYYYMMDD' else 'YYYYMM' end);
    if to_regclass(name) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)', name, parent,
        case when by_id then uuid_at(start_at)::text else start_at::text end,
        case when by_id then uuid_at(start_at + width)::text else (start_at + width)::text end);
      if to_regproc('guard_partition') is not null then
        perform guard_partition(parent, name);
      end if;
      made := made + 1;
    end if;
    start_at := start_at + width;
  end loop;
  return made;
end $$;

create or replace function partitions_ahead(parent text) returns int language sql stable as $$
  select count(*)::int from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = parent::regclass
    and case when pg_get_expr(c.relpartbound, c.oid) like 'FOR VALUES FROM (''________-____-____-____-____________''%'
      then pg_get_expr(c.relpartbound, c.oid) collate "C" > format('FOR VALUES FROM (''%s''', uuid_at(now())) collate "C"
      else substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)''')::timestamptz > now() end
$$;

-- One account holds one currency of one owner, in one mode. Its id is a digest of those (db/stores/ledger-accounts.ts),
-- so that a posting names it without asking first.
create table ledger_accounts (
  id uuid primary key,
  mode text not null check (mode in ('live', 'test')),
  owner_kind text not null check (owner_kind in ('platform', 'channel', 'merchant', 'agent')),
  -- The platform's is all zeros.
  owner_id uuid not null,
  kind text not null check (kind in (
    'channel_receivable', 'bank', 'fx_clearing', 'suspense', 'adjustments',
    'merchant_pending', 'merchant_available', 'merchant_held',
    'agent_pending', 'agent_available', 'agent_held',
    'fee_income', 'channel_cost', 'commission_cost', 'fx_result')),
  currency text not null check (currency ~ '^[A-Z0-9]{3,10}$'),
  -- What its owner may spend: never more may leave than came in.
  is_guarded boolean not null generated always as
    (kind in ('merchant_available', 'merchant_held', 'agent_available', 'agent_held')) stored,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  unique (owner_id, mode, currency, kind, owner_kind)
);

create sequence ledger_journal_ids cache 32;

-- The book: a row is a whole journal, its lines in two arrays (debits positive, credits negative). Not partitioned: a
-- reference is unique for ever. Both keys grow at their right edge. What a row must look like is checked by the
-- trigger, with all else: PostgreSQL compiles a CHECK anew for every statement.
create table ledger_journals (
  tx xid8 not null default pg_current_xact_id(),
  id bigint not null default nextval('ledger_journal_ids'),
  reference text collate "C" not null unique,
  kind text not null,
  mode text not null,
  account_ids uuid[] not null,
  amounts numeric(38, 0)[] not null,
  effective_at timestamptz not null,
  recorded_at timestamptz not null default statement_timestamp(),
  payment_id uuid,
  refund_id uuid,
  dispute_id uuid,
  withdrawal_id uuid,
  settlement_id uuid,
  workflow_id text,
  reason text,
  approved_by text,
  primary key (tx, id)
);
-- A payment's own journals are found by their reference; these are the ones of its refunds and disputes.
create index ledger_journals_by_payment on ledger_journals (payment_id)
  where payment_id is not null and reference not like 'pay\\_%';

-- The same lines by account. Only the trigger below writes here.
${postingsTable}
-- Balances rolled up by the sealer, one row an account; a balance is this and the postings since.
create table ledger_balances (
  account_id uuid primary key,
  balance numeric(38, 0) not null,
  posting_count bigint not null,
  -- Every posting of a transaction before this one is in.
  through_tx xid8 not null,
  block_no bigint not null,
  sealed_at timestamptz not null
) with (fillfactor = 70);

-- The last balance of every hour in which it moved: where a balance of the past starts to count.
create table ledger_balance_history (
  account_id uuid not null,
  balance numeric(38, 0) not null,
  through_tx xid8 not null,
  block_no bigint not null,
  sealed_at timestamptz not null,
  primary key (account_id, sealed_at)
);

-- Each block carries a digest of every row in it, and is hashed onto the one before.
create table ledger_blocks (
  no bigint primary key check (no > 0),
  tx_from xid8 not null,
  tx_until xid8 not null check (tx_until > tx_from),
  journal_count int not null check (journal_count > 0),
  -- For each journal in the order (tx, id): its id and the SHA-256 of its row.
  row_hashes bytea not null check (octet_length(row_hashes) = 40 * journal_count),
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  hash bytea not null unique check (octet_length(hash) = 32),
  sealed_at timestamptz not null
);

-- What an account holds now, in debits less credits.
create function ledger_balance(account uuid) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  total numeric;
  since xid8;
  sealed timestamptz;
  tail numeric;
begin
  select balance, through_tx, sealed_at - interval '1 day' into total, since, sealed
  from ledger_balances where account_id = account;
  if found then
    -- A transaction is never open for a day, so older partitions hold nothing of the tail.
    select sum(amount) into tail from ledger_postings
    where account_id = account and tx >= since and recorded_at >= sealed;
  else
    select sum(amount) into tail from ledger_postings where account_id = account;
  end if;
  return coalesce(total, 0) + coalesce(tail, 0);
end $$;

-- What it held at a moment, as the ledger knew it then.
${balanceAt}

create function ledger_refuse(code text, detail text) returns void language plpgsql as $$
begin
  raise exception using errcode = 'LD001', message = code, detail = detail;
end $$;

-- The one check, once per statement, whoever writes: accounts known, open and of the journal's mode, zero sum per
-- currency. It writes the lines by account and then looks at the guarded accounts that went down.
-- The planner's settings: the plan is kept for the session, and must not be one for the size of the first statement.
create function ledger_book() returns trigger language plpgsql
security definer set search_path = public, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  problem text;
  lowers boolean;
  lowered uuid[];
  overdrawn uuid;
begin
  with lines as materialized (
    select j.tx, j.id as journal_id, j.mode, j.recorded_at, l.no, l.account_id, l.amount, a.mode as account_mode,
      a.currency, a.is_guarded, a.closed_at,
      coalesce(l.amount = 0 or l.account_id is null or cardinality(j.account_ids) not between 2 and 1000
        or j.reference not like '___\\_%' or length(j.reference) > 400 or j.mode not in ('live', 'test')
        or (j.kind = 'adjustment' and (j.reason is null or j.approved_by is null))
        or j.tx <> pg_current_xact_id() or j.recorded_at <> statement_timestamp(), true) as is_malformed
    from new_journals j
    left join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no) on true
    left join ledger_accounts a on a.id = l.account_id
  ), booked as (
    insert into ledger_postings (account_id, tx, journal_id, no, amount, recorded_at)
    select account_id, tx, journal_id, no, amount, recorded_at from lines where not is_malformed
  )
  select min(totals.problem), bool_or(totals.lowers) into problem, lowers
  from (
    select
      case
        when bool_or(is_malformed) then '0 malformed'
        when bool_or(account_mode is null) then '1 unknown_account'
        when bool_or(closed_at is not null) then '2 closed_account'
        when bool_or(account_mode <> mode) then '3 mixed_modes'
        when sum(amount) <> 0 then '4 unbalanced'
      end as problem,
      bool_or(is_guarded and amount > 0) as lowers
    from lines group by journal_id, currency
  ) totals;

  if problem is not null then
    perform ledger_refuse(substring(problem from 3), (
      select string_agg(format('%s: %s on %s', j.reference, j.amounts, j.account_ids), '; ')
      from (select * from new_journals order by id limit 5) j));
  end if;

  if lowers then
    -- First the locks, always in the same order; then the sums, with a snapshot taken under the locks.
    select array_agg(distinct a.id order by a.id) into lowered
    from new_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id where a.is_guarded and l.amount > 0;
    perform from ledger_accounts where id = any (lowered) order by id for no key update;
    select id into overdrawn from unnest(lowered) id where ledger_balance(id) > 0 limit 1;
    if overdrawn is not null then
      perform ledger_refuse('insufficient_funds', overdrawn::text);
    end if;
  end if;
  return null;
end $$;

create trigger booked after insert on ledger_journals referencing new table as new_journals
  for each statement execute function ledger_book();

create function ledger_is_immutable() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'LD002', message = 'immutable',
    detail = format('%s on %s: what is written in the ledger stays; post a correcting journal', tg_op, tg_table_name);
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['ledger_journals', 'ledger_postings', 'ledger_blocks'] loop
    execute format('create trigger immutable before update or delete on %I for each row execute function ledger_is_immutable()', name);
    execute format('create trigger never_emptied before truncate on %I for each statement execute function ledger_is_immutable()', name);
  end loop;
end $$;

-- A posting without its journal would be a lie.
create trigger booked_only before insert on ledger_postings for each statement when (pg_trigger_depth() = 0)
  execute function ledger_is_immutable();

-- Statement triggers belong to the table a statement names: a partition of the ledger needs its own.
${guardPartition}

select ensure_partitions('ledger_postings', 'month', 3);

grant select on ledger_accounts, ledger_journals, ledger_postings, ledger_balances, ledger_balance_history, ledger_blocks
  to durapay_app;
grant insert (id, mode, owner_kind, owner_id, kind, currency) on ledger_accounts to durapay_app;
-- Not tx, id and recorded_at: those are the database's to say. Postings not at all: the trigger writes them.
grant insert (reference, kind, mode, account_ids, amounts, effective_at, payment_id, refund_id, dispute_id,
  withdrawal_id, settlement_id, workflow_id, reason, approved_by) on ledger_journals to durapay_app;
grant usage on sequence ledger_journal_ids to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table ledger_blocks, ledger_balance_history, ledger_balances, ledger_postings, ledger_journals, ledger_accounts;
drop sequence ledger_journal_ids;
drop function guard_partition(text, text), ledger_is_immutable(), ledger_book(), ledger_refuse(text, text),
  ledger_balance_at(uuid, timestamptz), ledger_balance(uuid);
`);
}
