import type { Knex } from 'knex';

/** What channels may take, when and how much; routing rules; and what is seen of channels. docs/routing.md explains it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table channel_configs
  add column version int not null default 0 check (version >= 0),
  -- null: all that the adapter offers.
  add column methods text[],
  -- { "USD": { "min": "1", "max": "500000", "perDay": "10000000" } }, smallest units.
  add column limits jsonb not null default '{}',
  add column weight int not null default 100 check (weight between 0 and 1000),
  add column priority int not null default 100 check (priority between 0 and 1000),
  add column maintenance jsonb not null default '[]',
  add column switched text not null default 'on' check (switched in ('on', 'off', 'drain'));

-- One document a mode: what operators decide about routing. Its versions are in config_versions.
create table routing_rules (
  mode text primary key check (mode in ('live', 'test')),
  version int not null check (version > 0),
  document jsonb not null,
  updated_at timestamptz not null default now()
);

-- What all processes saw of a channel, second by second, for some minutes. Lost with the server: so be it.
create unlogged table channel_seconds (
  channel_config_id uuid not null,
  second bigint not null,
  calls int not null,
  failed int not null,
  latency_ms bigint not null,
  approved int not null,
  declined int not null,
  primary key (second, channel_config_id)
);

-- Whether a channel is kept from the traffic of others, and since when (seconds of the epoch).
create table channel_health (
  channel_config_id uuid primary key references channel_configs (id),
  is_ailing boolean not null,
  since_second bigint not null
);

-- Every time a channel lost its traffic or got it back by itself; what people switch is in config_versions.
create table channel_turns (
  id uuid primary key,
  channel_config_id uuid not null references channel_configs (id),
  is_ailing boolean not null,
  why text not null check (length(why) between 1 and 500),
  at timestamptz not null default now()
);
create index on channel_turns (channel_config_id, id desc);

-- What a channel has taken in a day (UTC), up to "counted_until"; the rest is summed from the charges themselves.
create table channel_day_totals (
  channel_config_id uuid not null,
  currency text not null,
  day date not null,
  amount numeric(38, 0) not null,
  primary key (day, channel_config_id, currency)
);
create table channel_days_counted (
  is_only boolean primary key default true check (is_only),
  counted_until timestamptz not null
);
create index provider_charges_by_time on provider_charges using brin (created_at)
  with (pages_per_range = 32, autosummarize = on);

-- The queue of payments that no channel could take.
create index payments_without_channel on payments (id)
  where status = 'pending' and (last_error ->> 'code') = 'no_channel';

grant select, insert, update on routing_rules, channel_health, channel_day_totals, channel_days_counted to durapay_app;
grant select, insert on channel_turns to durapay_app;
grant select, insert, update, delete on channel_seconds to durapay_app;
grant delete on channel_day_totals to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop index payments_without_channel, provider_charges_by_time;
drop table channel_days_counted, channel_day_totals, channel_turns, channel_health, channel_seconds, routing_rules;
alter table channel_configs drop column version, drop column methods, drop column limits, drop column weight,
  drop column priority, drop column maintenance, drop column switched;
`);
}
