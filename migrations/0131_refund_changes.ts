import type { Knex } from 'knex';

/** What became of a refund between asking and its end, for whoever asks why it took so long. Append-only. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table refund_changes (
  refund_id uuid not null,
  version int not null check (version > 1),
  status text not null check (status in ('pending', 'processing', 'unknown', 'succeeded', 'failed')),
  error jsonb,
  at timestamptz not null default now(),
  primary key (refund_id, version)
);
grant select, insert on refund_changes to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table refund_changes;');
}
