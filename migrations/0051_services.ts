import type { Knex } from 'knex';

/** Configured services that are no payment channels: docs/adr/0006. What a version says is in config_versions. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table services (
  id uuid primary key,
  -- What preference lists call it: for ever, and one at a time.
  name text not null check (name ~ '^[A-Za-z][A-Za-z0-9_-]{1,99}$'),
  service_type text not null check (service_type ~ '^[A-Z][A-Z0-9_]{1,39}$'),
  kind text not null check (kind ~ '^[A-Z][A-Z0-9_]{1,39}$'),
  is_enabled boolean not null,
  version int not null check (version > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index services_one_of_a_name on services (name) where deleted_at is null;

grant select, insert, update on services to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table services');
}
