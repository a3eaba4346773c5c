import type { Knex } from 'knex';

/** What an operator says became of a refund of which the channel can't tell; once for each, and for ever. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table refund_resolutions (
  refund_id uuid primary key,
  -- Of the request that said it, so that its repeat is known.
  request_id uuid not null unique,
  outcome text not null check (outcome in ('made', 'not_made')),
  reason text not null check (length(reason) between 1 and 500),
  key_id uuid not null,
  -- All that the channel has given back of the charge beside our own refunds, where the operator says so.
  outside_refunded numeric(38, 0) check (outside_refunded >= 0),
  at timestamptz not null default now()
);
grant select, insert on refund_resolutions to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table refund_resolutions;');
}
