import type { Knex } from 'knex';

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

-- Not partitioned: a reference is unique for ever. A row is small, and both keys grow at their right edge.
create table ledger_journals (
  id uuid primary key,
  reference text collate "C" not null unique check (reference ~ '^[a-z]{3}_[0-9a-f]{32}([-.:][A-Za-z0-9]{1,40}){0,4}$'),
  kind text not null check (kind ~ '^[a-z_]{2,40}$'),
  mode text not null check (mode in ('live', 'test')),
  posting_count int not null check (posting_count >= 2),
  -- SHA-256 over what the poster meant: tells a repeat from another content under the same reference.
  content_hash bytea not null check (octet_length(content_hash) = 32),
  effective_at timestamptz not null,
  recorded_at timestamptz not null default statement_timestamp(),
  tx xid8 not null default pg_current_xact_id(),
  payment_id uuid,
  refund_id uuid,
  dispute_id uuid,
  withdrawal_id uuid,
  settlement_id uuid,
  workflow_id text,
  reason text check (length(reason) between 1 and 1000),
  approved_by text check (length(approved_by) between 1 and 200),
  check (kind <> 'adjustment' or (reason is not null and approved_by is not null))
);
create index ledger_journals_by_tx on ledger_journals (tx);
create index ledger_journals_by_payment on ledger_journals (payment_id) where payment_id is not null;

-- Debits are positive, credits negative. No foreign keys: the trigger below sees to it once per statement.
create table ledger_postings (
  journal_id uuid not null,
  no smallint not null check (no > 0),
  account_id uuid not null,
  currency text not null,
  amount numeric(38, 0) not null check (amount <> 0),
  recorded_at timestamptz not null default statement_timestamp(),
  tx xid8 not null default pg_current_xact_id(),
  primary key (journal_id, no, recorded_at)
) partition by range (recorded_at);
create index ledger_postings_by_account on ledger_postings (account_id, tx);

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
  posting_count int not null,
  -- For each journal in the order (tx, id), and each of its rows (the journal itself is 0): id, number, SHA-256.
  row_hashes bytea not null check (octet_length(row_hashes) = 50 * (journal_count + posting_count)),
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  hash bytea not null unique check (octet_length(hash) = 32),
  sealed_at timestamptz not null
);

-- What an account holds now, in debits less credits.
create function ledger_balance(account uuid) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp as $$
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
create function ledger_balance_at(account uuid, moment timestamptz) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp as $$
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
end $$;

create function ledger_refuse(code text, detail text) returns void language plpgsql as $$
begin
  raise exception using errcode = 'LD001', message = code, detail = detail;
end $$;

-- The one check, once per statement: known and open accounts of the right currency and mode, a journal written in
-- this very transaction with all its postings, zero sum per currency; then the guarded accounts that went down.
create function ledger_check_postings() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  found_bad text;
  lowered uuid[];
  overdrawn uuid;
begin
  select min(g.problem collate "C"), array_agg(distinct l.id order by l.id) filter (where l.id is not null)
  into found_bad, lowered
  from (
    select
      case
        when bool_or(a.id is null) then '1 unknown_account'
        when bool_or(a.closed_at is not null) then '2 closed_account'
        when bool_or(a.currency <> p.currency) then '3 currency_mismatch'
        when bool_or(j.tx is distinct from pg_current_xact_id() or p.tx <> j.tx or p.recorded_at <> j.recorded_at
          or p.no > j.posting_count or j.mode <> a.mode) then '4 foreign_journal'
        when sum(p.amount) <> 0 then '5 unbalanced'
      end as problem,
      array_agg(a.id) filter (where a.is_guarded and p.amount > 0) as lowered
    from new_postings p
    left join ledger_accounts a on a.id = p.account_id
    left join ledger_journals j on j.id = p.journal_id
    group by p.journal_id, p.currency
  ) g
  left join lateral unnest(g.lowered) l (id) on true;

  if found_bad is not null then
    perform ledger_refuse(substring(found_bad from 3), (
      select string_agg(format('%s #%s %s %s on %s', p.journal_id, p.no, p.amount, p.currency, p.account_id), '; ')
      from (select * from new_postings order by journal_id, no limit 20) p));
  end if;

  if lowered is not null then
    -- First the locks, always in the same order; then, with a snapshot taken under them, the sums.
    perform from ledger_accounts where id = any (lowered) order by id for no key update;
    select id into overdrawn from unnest(lowered) id where ledger_balance(id) > 0 limit 1;
    if overdrawn is not null then
      perform ledger_refuse('insufficient_funds', overdrawn::text);
    end if;
  end if;
  return null;
end $$;

-- A journal is nothing without its postings, all of them, in the same statement.
create function ledger_check_journals() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
  if exists (
    select from new_journals j
    where j.posting_count <> (select count(*) from ledger_postings p where p.journal_id = j.id and p.recorded_at = j.recorded_at)
  ) then
    perform ledger_refuse('incomplete_journal', (select string_agg(reference, ', ') from new_journals));
  end if;
  return null;
end $$;

create trigger checked after insert on ledger_postings referencing new table as new_postings
  for each statement execute function ledger_check_postings();
create trigger checked after insert on ledger_journals referencing new table as new_journals
  for each statement execute function ledger_check_journals();

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

-- Statement triggers belong to the table a statement names: a partition of the ledger needs its own.
create function guard_partition(parent text, name text) returns void language plpgsql as $$
begin
  if parent = 'ledger_postings' then
    execute format('create trigger checked after insert on %I referencing new table as new_postings
      for each statement execute function ledger_check_postings()', name);
    execute format('create trigger never_emptied before truncate on %I for each statement
      execute function ledger_is_immutable()', name);
  end if;
end $$;

select ensure_partitions('ledger_postings', 'month', 12);

grant select on ledger_accounts, ledger_journals, ledger_postings, ledger_balances, ledger_balance_history, ledger_blocks
  to durapay_app;
grant insert (id, mode, owner_kind, owner_id, kind, currency) on ledger_accounts to durapay_app;
-- Not tx and recorded_at: those are the database's to say.
grant insert (id, reference, kind, mode, posting_count, content_hash, effective_at, payment_id, refund_id, dispute_id,
  withdrawal_id, settlement_id, workflow_id, reason, approved_by) on ledger_journals to durapay_app;
grant insert (journal_id, no, account_id, currency, amount) on ledger_postings to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table ledger_blocks, ledger_balance_history, ledger_balances, ledger_postings, ledger_journals, ledger_accounts;
drop function guard_partition(text, text), ledger_is_immutable(), ledger_check_journals(), ledger_check_postings(),
  ledger_refuse(text, text), ledger_balance_at(uuid, timestamptz), ledger_balance(uuid);
`);
}
