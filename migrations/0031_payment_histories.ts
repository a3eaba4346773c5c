import type { Knex } from 'knex';

/** What a payment's workflow went through, kept past the time that Temporal keeps histories. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table payment_histories (
  payment_id uuid primary key,
  workflow_id text not null,
  run_id text not null,
  -- [{ at, what }]: domain/payment/history-lines.ts
  lines jsonb not null,
  kept_at timestamptz not null default now()
) partition by range (payment_id);
select ensure_partitions('payment_histories', 'month', 3);
grant select, insert, update on payment_histories to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table payment_histories');
}
