import type { Knex } from 'knex';

/** Mail and SMS on their way out: docs/messaging.md. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table messages (
  id uuid primary key,
  kind text not null check (kind in ('mail', 'sms')),
  service_type text not null check (service_type ~ '^[A-Z][A-Z0-9_]{1,39}$'),
  -- Names of services, the first choice first.
  preference text[] not null check (cardinality(preference) between 1 and 5),
  recipient_masked text not null check (length(recipient_masked) <= 400),
  -- Recipient, subject and body, sealed.
  content bytea not null,
  -- Whether it goes out again when nobody can say whether it did.
  on_doubt text not null check (on_doubt in ('hold', 'resend')),
  requested_by jsonb not null,
  status text not null default 'queued' check (status in
    ('queued', 'in_doubt', 'sent', 'delivered', 'undelivered', 'refused', 'dead_letter', 'abandoned')),
  version int not null default 1 check (version > 0),
  tries int not null default 0 check (tries >= 0),
  -- Who has it, or may have it; no foreign key, for a service that was removed is still named by what it sent.
  service_id uuid,
  service_name text,
  provider_ref text check (length(provider_ref) between 1 and 500),
  error jsonb,
  -- When its workflow looks next; null: there is nothing to do.
  wake_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- From then on it is given up rather than tried.
  give_up_at timestamptz not null,
  sent_at timestamptz,
  finished_at timestamptz,
  check ((status in ('sent', 'delivered', 'undelivered')) = (sent_at is not null)),
  check (sent_at is null or (service_id is not null and provider_ref is not null)),
  check (status <> 'in_doubt' or service_id is not null),
  check ((status in ('delivered', 'undelivered', 'refused', 'abandoned')) = (finished_at is not null)),
  check (finished_at is null or wake_at is null)
);
create index messages_overdue on messages (wake_at) where wake_at is not null;
create index messages_by_status on messages (status, id);
create index messages_by_provider_ref on messages (service_id, provider_ref) where provider_ref is not null;

-- Each time it was handed to a service: written before the call, so that one cut short is known to be in doubt.
create table message_calls (
  message_id uuid not null references messages (id),
  call_no int not null check (call_no > 0),
  service_id uuid not null,
  service_name text not null,
  outcome text check (outcome in ('ok', 'declined', 'retryable', 'misconfigured', 'unknown')),
  code text,
  began_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (message_id, call_no),
  check ((outcome is null) = (ended_at is null))
);
-- One at a time.
create unique index message_calls_open on message_calls (message_id) where ended_at is null;

-- What providers told by themselves, once each.
create table message_events (
  service_id uuid not null,
  provider_event_id text not null check (length(provider_event_id) between 1 and 500),
  message_id uuid not null references messages (id),
  says text not null check (says in ('sent', 'delivered', 'undelivered')),
  error jsonb,
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (service_id, provider_event_id)
);
create index message_events_of on message_events (message_id, received_at);

grant select, insert, update on messages, message_calls to durapay_app;
grant select, insert on message_events to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table message_events, message_calls, messages');
}
