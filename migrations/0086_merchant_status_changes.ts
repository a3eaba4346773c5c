import type { Knex } from 'knex';

/** Suspending a merchant, and letting it go on, has an author and a reason. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- The last one of a merchant is how it stands. Numbered under the lock of the merchant's row, so in their order.
create table merchant_status_changes (
  no bigint generated always as identity primary key,
  merchant_id uuid not null references merchants (id),
  status text not null check (status in ('active', 'suspended')),
  reason text not null check (length(trim(reason)) between 1 and 500),
  changed_by uuid not null,
  at timestamptz not null default now()
);
create index on merchant_status_changes (merchant_id, no desc);

grant select, insert on merchant_status_changes to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table merchant_status_changes');
}
