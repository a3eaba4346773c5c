import type { Knex } from 'knex';

/** What people do to the books: corrections that two of them make, and accounts that are closed and opened again. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table ledger_adjustments (
  id uuid primary key,
  mode text not null check (mode in ('live', 'test')),
  owner_kind text not null check (owner_kind in ('platform', 'channel', 'merchant', 'agent')),
  owner_id uuid,
  kind text not null,
  currency text not null,
  -- As its owner reads the balance: positive raises it.
  amount numeric(38, 0) not null check (amount <> 0),
  reason text not null check (length(trim(reason)) between 1 and 500),
  requested_by uuid not null,
  created_at timestamptz not null default now(),
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  decided_by uuid,
  decided_at timestamptz,
  decision_reason text,
  check ((owner_kind = 'platform') = (owner_id is null)),
  check ((status = 'pending') = (decided_by is null)),
  check ((decided_by is null) = (decided_at is null)),
  -- Two people: who asks does not decide.
  check (decided_by <> requested_by)
);
create index ledger_adjustments_pending on ledger_adjustments (id) where status = 'pending';

create function ledger_adjustment_decided_once() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or old.status <> 'pending'
    or to_jsonb(new) - 'status' - 'decided_by' - 'decided_at' - 'decision_reason'
      <> to_jsonb(old) - 'status' - 'decided_by' - 'decided_at' - 'decision_reason' then
    perform ledger_refuse('immutable', format('adjustment %s', old.id));
  end if;
  return new;
end $$;
create trigger decided_once before update or delete on ledger_adjustments
  for each row execute function ledger_adjustment_decided_once();

-- Who closed or opened what, and why; the last one of an account is how it stands.
create table ledger_account_changes (
  id uuid primary key,
  account_id uuid not null references ledger_accounts (id),
  is_closed boolean not null,
  reason text not null check (length(trim(reason)) between 1 and 500),
  changed_by uuid not null,
  at timestamptz not null default now()
);
create index on ledger_account_changes (account_id, id desc);

create function ledger_reopen_account(account uuid) returns void language sql
security definer set search_path = public, pg_temp as $$
  update ledger_accounts set closed_at = null where id = account
$$;

grant select, insert on ledger_adjustments, ledger_account_changes to durapay_app;
grant update (status, decided_by, decided_at, decision_reason) on ledger_adjustments to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop function ledger_reopen_account(uuid);
drop table ledger_account_changes, ledger_adjustments;
drop function ledger_adjustment_decided_once();
`);
}
