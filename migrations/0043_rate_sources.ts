import type { Knex } from 'knex';

/** Where rates are fetched from over HTTP, and how the last time went. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table rate_sources (
  id uuid primary key,
  -- As it stands in its rates; the two names of other ways in are taken.
  name text not null unique check (name ~ '^[a-z0-9_-]{2,40}$' and name not in ('manual', 'csv')),
  url text not null check (length(url) between 1 and 2048),
  -- [{ base, quote, path }]: where in the answer the rate stands.
  pairs jsonb not null check (jsonb_array_length(pairs) between 1 and 200),
  observed_at_path text check (length(observed_at_path) <= 200),
  spread_percent numeric(6, 4) not null check (spread_percent between 0 and 50),
  is_enabled boolean not null default true,
  version int not null default 1 check (version > 0),
  changed_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  fetched_at timestamptz,
  -- What went wrong the last time; null: nothing.
  fetch_problem text
);
grant select, insert, update on rate_sources to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table rate_sources');
}
