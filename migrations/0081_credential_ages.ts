import type { Knex } from 'knex';

/** Since when a channel has had each of its secrets: what it was is told by a salted fingerprint, never by itself. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table channel_credentials (
  channel_config_id uuid not null references channel_configs (id),
  name text not null check (length(name) between 1 and 100),
  salt bytea not null check (octet_length(salt) = 16),
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  since timestamptz not null,
  primary key (channel_config_id, name)
);
grant select, insert, update, delete on channel_credentials to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table channel_credentials');
}
