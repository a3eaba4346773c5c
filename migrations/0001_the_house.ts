import type { Knex } from 'knex';

/**
 * The tables under one payment. Amounts are NUMERIC(38,0) in the currency's smallest unit (64 bits hold only
 * 9 ETH). What grows with payments is partitioned by the id, a UUIDv7, so that ids prune; what must be unique
 * for ever stands in tables without partitions.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
do $$ begin
  if not exists (select from pg_roles where rolname = 'durapay_app') then
    create role durapay_app nologin;
  end if;
end $$;

create function uuid_at(moment timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- Makes the partitions from now to so many steps ahead; called at every start and by a schedule.
create function ensure_partitions(parent text, step text, ahead int) returns int language plpgsql
security definer set search_path = public as $$
declare
  start_at timestamptz := date_trunc(step, now() at time zone 'UTC') at time zone 'UTC';
  width interval := ('1 ' || step)::interval;
  name text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ensure_partitions'));
  for i in 0..ahead loop
    name := parent || '_' || to_char(start_at at time zone 'UTC', case step when 'day' then 'YYYYMMDD' else 'YYYYMM' end);
    if to_regclass(name) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        name, parent, uuid_at(start_at), uuid_at(start_at + width));
      made := made + 1;
    end if;
    start_at := start_at + width;
  end loop;
  return made;
end $$;

-- How many partitions are left after the one in use: readiness warns below two.
create function partitions_ahead(parent text) returns int language sql stable as $$
  select count(*)::int from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = parent::regclass
    and pg_get_expr(c.relpartbound, c.oid) collate "C" > format('FOR VALUES FROM (''%s''', uuid_at(now())) collate "C"
$$;

create table merchants (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended')),
  default_currency text not null check (default_currency ~ '^[A-Z0-9]{3,10}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table api_keys (
  id uuid primary key,
  role text not null check (role in ('merchant', 'admin')),
  merchant_id uuid references merchants (id),
  mode text check (mode in ('live', 'test')),
  prefix text not null,
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  check ((role = 'merchant') = (merchant_id is not null)),
  check ((role = 'merchant') = (mode is not null))
);
create index on api_keys (merchant_id) where merchant_id is not null;

create table channel_configs (
  id uuid primary key,
  channel text not null check (channel ~ '^[a-z0-9_]{2,40}$'),
  mode text not null check (mode in ('live', 'test')),
  name text not null check (length(name) between 1 and 100),
  base_url text not null,
  -- AES-256-GCM under the key named in its head; the clear text is a JSON object of strings.
  credentials bytea not null,
  currencies text[] not null check (cardinality(currencies) > 0),
  webhook_ips_allowed cidr[] not null default '{}',
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table payment_configs (
  merchant_id uuid not null references merchants (id),
  mode text not null check (mode in ('live', 'test')),
  version int not null default 1 check (version > 0),
  currencies text[] not null check (cardinality(currencies) > 0),
  -- In the order of preference.
  channel_config_ids uuid[] not null,
  callback_endpoint_id uuid,
  expiry_ms bigint not null check (expiry_ms between 1000 and 2592000000),
  -- { "USD": { "min": "1", "max": "500000" } }, smallest units.
  limits jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (merchant_id, mode)
);

create table webhook_endpoints (
  id uuid primary key,
  merchant_id uuid not null references merchants (id),
  mode text not null check (mode in ('live', 'test')),
  url text not null check (length(url) between 1 and 2048),
  secret bytea not null,
  previous_secret bytea,
  previous_secret_until timestamptz,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((previous_secret is null) = (previous_secret_until is null)),
  unique (merchant_id, mode, url)
);
alter table payment_configs add foreign key (callback_endpoint_id) references webhook_endpoints (id);

-- One orderId is one payment for ever: this table is the truth of it, Temporal's workflow id only a helper.
create table payment_keys (
  mode text not null check (mode in ('live', 'test')),
  merchant_id uuid not null,
  order_id text not null check (order_id ~ '^[A-Za-z0-9._~-]{1,64}$' and order_id !~ '^pay_'),
  payment_id uuid not null unique,
  request_hash bytea not null check (octet_length(request_hash) = 32),
  created_at timestamptz not null default now(),
  primary key (mode, merchant_id, order_id)
);

create table payments (
  id uuid primary key,
  merchant_id uuid not null,
  mode text not null check (mode in ('live', 'test')),
  order_id text not null,
  amount numeric(38, 0) not null check (amount > 0),
  currency text not null,
  status text not null,
  -- Grows by one with every change: the callback's sequence, and the guard against a second writer.
  version int not null default 1 check (version > 0),
  description text not null default '',
  return_url text,
  callback_endpoint_id uuid,
  metadata jsonb not null default '{}',
  -- What was decided when it opened, pinned: configuration version, candidates and their reasons.
  decision jsonb not null,
  attempt_no int not null default 0,
  last_error jsonb,
  expires_at timestamptz not null,
  -- When its workflow should have acted at the latest; a sweep restarts what is long past it.
  wake_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
) partition by range (id);
create index payments_by_merchant on payments (merchant_id, mode, id desc);
create index payments_by_status on payments (status, created_at);
create index payments_overdue on payments (wake_at) where wake_at is not null;

create table payment_attempts (
  payment_id uuid not null,
  attempt_no int not null check (attempt_no between 1 and 999),
  reference text not null,
  channel text not null,
  channel_config_id uuid not null,
  status text not null check (status in
    ('sending', 'action_required', 'authorized', 'succeeded', 'declined', 'unavailable', 'unknown', 'cancelled', 'expired')),
  provider_ref text,
  next_action jsonb,
  error jsonb,
  sent_at timestamptz not null,
  answered_at timestamptz,
  primary key (payment_id, attempt_no)
) partition by range (payment_id);

-- Every change of state, for ever: what happened, and who or what caused it.
create table payment_events (
  payment_id uuid not null,
  version int not null check (version > 0),
  event_id uuid not null,
  type text not null,
  from_status text,
  to_status text not null,
  cause jsonb not null,
  at timestamptz not null default now(),
  primary key (payment_id, version)
) partition by range (payment_id);

-- A charge at a provider belongs to one payment: the database refuses a second owner.
create table provider_charges (
  channel_config_id uuid not null,
  provider_ref text not null check (length(provider_ref) between 1 and 255),
  payment_id uuid not null,
  attempt_no int not null,
  amount numeric(38, 0) not null check (amount > 0),
  currency text not null,
  -- 'suspense': money that came when its payment could no longer take it.
  disposition text not null check (disposition in ('payment', 'suspense')),
  created_at timestamptz not null default now(),
  primary key (channel_config_id, provider_ref)
);
create unique index provider_charges_one_per_payment on provider_charges (payment_id) where disposition = 'payment';

create table webhook_inbox (
  id uuid primary key,
  channel_config_id uuid not null,
  provider_event_id text not null check (length(provider_event_id) between 1 and 255),
  payment_id uuid,
  -- In the platform's words; null for what payments do not care about.
  event jsonb,
  body bytea not null,
  status text not null check (status in ('received', 'applied', 'ignored')),
  received_at timestamptz not null default now(),
  signalled_at timestamptz,
  settled_at timestamptz,
  unique (channel_config_id, provider_event_id)
);
create index webhook_inbox_unsettled on webhook_inbox (received_at) where status = 'received';
create index webhook_inbox_by_payment on webhook_inbox (payment_id) where payment_id is not null;

create table outbox (
  id uuid primary key,
  merchant_id uuid not null,
  payment_id uuid not null,
  endpoint_id uuid not null,
  sequence int not null,
  type text not null,
  body text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'handed_over', 'abandoned')),
  lease_until timestamptz,
  -- Grows with every claim; a relay that lost its lease writes nothing.
  fence int not null default 0,
  created_at timestamptz not null default now(),
  settled_at timestamptz
) partition by range (id);
create index outbox_pending on outbox (id) where status = 'pending';
create index outbox_by_payment on outbox (payment_id);

create table callback_tries (
  event_id uuid not null,
  try_no int not null check (try_no > 0),
  at timestamptz not null default now(),
  duration_ms int not null,
  status_code int,
  -- The answer's first bytes, or why there was none.
  answer text not null default '',
  primary key (event_id, try_no)
) partition by range (event_id);

create table idempotency_keys (
  -- 'operator' or the merchant's id and mode: one caller's keys are nobody else's.
  scope text not null,
  key text not null check (length(key) between 1 and 255),
  operation text not null,
  request_hash bytea not null check (octet_length(request_hash) = 32),
  -- The id the request's new thing will have, so that a repeat after a crash makes the same thing.
  resource_id uuid not null,
  locked_until timestamptz,
  response_status int,
  -- Encrypted: an answer may hold a secret that is shown once.
  response_body bytea,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index on idempotency_keys (created_at);

select ensure_partitions(name, 'month', 3) from unnest(array['payments', 'payment_attempts', 'payment_events']) name;
select ensure_partitions(name, 'day', 12) from unnest(array['outbox', 'callback_tries']) name;

grant usage on schema public to durapay_app;
grant select, insert, update on all tables in schema public to durapay_app;
grant delete on idempotency_keys to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table idempotency_keys, callback_tries, outbox, webhook_inbox, provider_charges, payment_events,
  payment_attempts, payments, payment_keys, payment_configs, webhook_endpoints, channel_configs, api_keys, merchants;
drop function partitions_ahead(text), ensure_partitions(text, text, int), uuid_at(timestamptz);
`);
}
