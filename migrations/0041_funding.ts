import type { Knex } from 'knex';

/** Who pays for a refund or a dispute: the fee's part, the exchange undone, and how far a balance may go below zero. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table refunds
  -- Of the amount that is set aside, what comes out of our fee. Null: none was yet, it is given back at the end.
  add column fee_set_aside numeric(38, 0) check (fee_set_aside between 0 and amount),
  -- { source, target, worth } in smallest units: what of its payment's exchange was undone for it.
  add column exchange jsonb;
alter table disputes add column exchange jsonb;

-- What was given back of the fee so far, by the books.
update refunds r set fee_set_aside = least(r.amount, coalesce((
  select sum(l.amount) from ledger_journals j
  cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  join ledger_accounts a on a.id = l.account_id and a.kind = 'fee_income'
  where j.reference = 'ref_' || replace(r.id::text, '-', '')), 0))
where r.status = 'succeeded' and r.kind = 'merchant';

-- How far below zero a merchant's pending balance may go for a refund; the last version holds.
create table balance_allowances (
  merchant_id uuid not null references merchants (id),
  mode text not null check (mode in ('live', 'test')),
  currency text not null check (currency ~ '^[A-Z0-9]{3,10}$'),
  version int not null check (version > 0),
  amount numeric(38, 0) not null check (amount >= 0),
  reason text not null check (length(reason) between 1 and 500),
  set_by uuid not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, mode, currency, version)
);
grant select, insert on balance_allowances to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table balance_allowances;
alter table disputes drop column exchange;
alter table refunds drop column exchange, drop column fee_set_aside;
`);
}
