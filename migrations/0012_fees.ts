import type { Knex } from 'knex';

/** Fee plans: what merchants pay us, and what channels charge us, in one form. docs/fees.md explains them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What a plan is for never changes, and no two plans are for the same.
create table fee_plans (
  id uuid primary key,
  payer text not null check (payer in ('merchant', 'platform')),
  transaction_type text not null check (transaction_type in ('payment', 'refund', 'dispute')),
  currency text not null check (currency ~ '^[A-Z0-9]{3,10}$'),
  merchant_id uuid references merchants (id),
  channel_config_id uuid references channel_configs (id),
  method text check (method ~ '^[a-z_]{2,40}$'),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  unique nulls not distinct (payer, transaction_type, currency, merchant_id, channel_config_id, method)
);

-- Of the versions that have begun, the latest holds. Nothing is overwritten: what was pinned can be read for ever.
create table fee_plan_versions (
  plan_id uuid not null references fee_plans (id),
  version int not null check (version > 0),
  -- Amounts in smallest units: domain/fees/terms.ts.
  terms jsonb not null,
  is_enabled boolean not null,
  effective_from timestamptz not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (plan_id, version)
);

grant select, insert on fee_plans, fee_plan_versions to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table fee_plan_versions, fee_plans');
}
