import type { Knex } from 'knex';

/** Every way a payment can go: methods, captures, refunds, disputes, reviews and decisions about late money. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table payment_configs
  add column attempts_max int not null default 5 check (attempts_max between 1 and 50),
  add column capture_within_ms bigint not null default 604800000 check (capture_within_ms between 1000 and 2592000000),
  add column capture_at_deadline text not null default 'void' check (capture_at_deadline in ('capture', 'void')),
  -- { "USD": "100000" }, smallest units: a payment above it waits for an operator.
  add column review_above jsonb not null default '{}',
  add column review_within_ms bigint not null default 86400000 check (review_within_ms between 1000 and 2592000000),
  add column review_at_deadline text not null default 'reject' check (review_at_deadline in ('approve', 'reject')),
  add column late_money text not null default 'ask' check (late_money in ('refund', 'accept', 'ask'));

-- An address that one payment brought along is signed with the secret of the merchant's usual one.
alter table webhook_endpoints
  alter column secret drop not null,
  add column secret_of uuid references webhook_endpoints (id),
  add check ((secret is null) = (secret_of is not null));

alter table payments
  add column method text check (method in ('card', 'bank_transfer', 'wallet', 'qr', 'cash_code', 'crypto')),
  add column capture text not null default 'automatic' check (capture in ('automatic', 'manual')),
  -- Sealed: personal data.
  add column customer bytea,
  add column client_ip inet,
  add column device_fingerprint text check (length(device_fingerprint) <= 200),
  add column captured numeric(38, 0) not null default 0,
  -- What refunds hold or have given back: never more than was captured.
  add column refund_reserved numeric(38, 0) not null default 0,
  add column refunded numeric(38, 0) not null default 0,
  add check (captured between 0 and amount),
  add check (refunded between 0 and refund_reserved),
  add check (refund_reserved <= captured);

alter table payment_attempts drop constraint payment_attempts_status_check, add check (status in
  ('planned', 'sending', 'action_required', 'authorized', 'succeeded', 'declined', 'unavailable', 'unknown', 'cancelled', 'expired'));

-- The same table as domain/payment/status.ts, held against it by a test.
create table payment_transitions (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
);
insert into payment_transitions
select f, t from (values
  ('created', '{review,pending,failed,cancelled,expired,rejected}'),
  ('review', '{pending,failed,cancelled,expired,rejected}'),
  ('pending', '{requires_action,processing,authorized,unknown,succeeded,failed,cancelled,expired}'),
  ('requires_action', '{pending,processing,authorized,unknown,succeeded,failed,cancelled,expired}'),
  ('processing', '{requires_action,authorized,unknown,succeeded,failed,cancelled,expired}'),
  ('authorized', '{unknown,succeeded,failed,cancelled,expired}'),
  ('unknown', '{pending,requires_action,processing,authorized,succeeded,failed,cancelled,expired}'),
  ('succeeded', '{partially_refunded,refunded,disputed}'),
  ('partially_refunded', '{refunded,disputed}'),
  ('refunded', '{disputed}'),
  ('disputed', '{succeeded,partially_refunded,refunded}')
) as allowed (f, ts), unnest(ts::text[]) t;

create function check_payment_transition() returns trigger language plpgsql as $$
begin
  if new.status <> old.status and not exists (select from payment_transitions where from_status = old.status and to_status = new.status) then
    raise exception 'payment % may not go from % to %', old.id, old.status, new.status using errcode = 'PY001';
  end if;
  if new.version <= old.version then
    raise exception 'payment % changed without a new version', old.id using errcode = 'PY002';
  end if;
  return new;
end $$;
create trigger payments_transition before update of status, version, captured, refunded, refund_reserved on payments
  for each row when (old.status is distinct from new.status or old.version is distinct from new.version
    or old.captured <> new.captured or old.refunded <> new.refunded or old.refund_reserved <> new.refund_reserved)
  execute function check_payment_transition();

create table payment_captures (
  payment_id uuid not null,
  capture_no int not null check (capture_no between 1 and 99),
  reference text not null,
  amount numeric(38, 0) not null check (amount > 0),
  is_final boolean not null,
  status text not null check (status in ('sending', 'unknown', 'succeeded', 'declined')),
  provider_ref text,
  error jsonb,
  cause jsonb not null,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  primary key (payment_id, capture_no)
) partition by range (payment_id);

create table refunds (
  id uuid primary key,
  payment_id uuid not null,
  merchant_id uuid not null,
  mode text not null check (mode in ('live', 'test')),
  amount numeric(38, 0) not null check (amount > 0),
  currency text not null,
  reason text not null default '' check (length(reason) <= 500),
  -- 'merchant' asks for its own; 'late_money' gives back what never became a payment's.
  kind text not null default 'merchant' check (kind in ('merchant', 'late_money')),
  status text not null check (status in ('pending', 'processing', 'unknown', 'succeeded', 'failed')),
  version int not null default 1 check (version > 0),
  attempt_no int not null,
  channel text not null,
  channel_config_id uuid not null,
  charge_ref text not null,
  provider_ref text,
  -- The balance it was set aside from: a failed refund gives it back there.
  taken_from text not null default 'pending' check (taken_from in ('pending', 'available')),
  request_hash bytea not null check (octet_length(request_hash) = 32),
  requested_by jsonb not null,
  error jsonb,
  wake_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
) partition by range (id);
create index refunds_by_merchant on refunds (merchant_id, mode, id desc);
create index refunds_by_payment on refunds (payment_id);
create index refunds_overdue on refunds (wake_at) where wake_at is not null;
create index refunds_by_status on refunds (status, created_at);

create table disputes (
  id uuid primary key,
  payment_id uuid not null,
  merchant_id uuid not null,
  mode text not null check (mode in ('live', 'test')),
  channel_config_id uuid not null,
  provider_ref text not null,
  amount numeric(38, 0) not null check (amount > 0),
  currency text not null,
  reason_code text not null default '',
  status text not null check (status in ('needs_response', 'under_review', 'won', 'lost')),
  version int not null default 1 check (version > 0),
  evidence_due_at timestamptz,
  evidence_sent_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (channel_config_id, provider_ref)
);
create index on disputes (merchant_id, mode, id desc);
create index on disputes (payment_id);

create table dispute_evidence (
  id uuid primary key,
  dispute_id uuid not null references disputes (id),
  kind text not null check (length(kind) between 1 and 60),
  content_type text not null,
  -- Sealed: it may hold personal data.
  content bytea not null check (octet_length(content) <= 5300000),
  uploaded_by jsonb not null,
  created_at timestamptz not null default now()
);
create index on dispute_evidence (dispute_id);

-- Money that came when its payment could not take it: what was decided about it, and by whom.
drop index provider_charges_one_per_payment;
alter table provider_charges
  -- 0: the attempt itself charged; else which capture of its reservation.
  add column capture_no int not null default 0 check (capture_no >= 0),
  add column reason text,
  add column decision text check (decision in ('refund', 'accept')),
  add column decided_by jsonb,
  add column decided_at timestamptz,
  add column resolved_at timestamptz,
  add check ((decision is null) = (decided_at is null)),
  add check (disposition = 'suspense' or decision is null);
create unique index provider_charges_one_per_payment on provider_charges (payment_id, capture_no) where disposition = 'payment';
create index provider_charges_suspense on provider_charges (created_at) where disposition = 'suspense' and resolved_at is null;
create index provider_charges_by_payment on provider_charges (payment_id);

select ensure_partitions(name, 'month', 3) from unnest(array['payment_captures', 'refunds']) name;

-- Only what the application does: rows that explain money are never deleted by it.
grant select on payment_transitions to durapay_app;
grant select, insert, update on payment_captures, refunds, disputes to durapay_app;
grant select, insert on dispute_evidence to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop index provider_charges_one_per_payment;
alter table provider_charges drop column capture_no, drop column reason, drop column decision, drop column decided_by,
  drop column decided_at, drop column resolved_at;
create unique index provider_charges_one_per_payment on provider_charges (payment_id) where disposition = 'payment';
drop table dispute_evidence, disputes, refunds, payment_captures;
drop trigger payments_transition on payments;
drop function check_payment_transition();
drop table payment_transitions;
delete from webhook_endpoints where secret is null;
alter table webhook_endpoints drop column secret_of, alter column secret set not null;
alter table payments drop column method, drop column capture, drop column customer, drop column client_ip,
  drop column device_fingerprint, drop column captured, drop column refund_reserved, drop column refunded;
alter table payment_configs drop column attempts_max, drop column capture_within_ms,
  drop column capture_at_deadline, drop column review_above, drop column review_within_ms,
  drop column review_at_deadline, drop column late_money;
`);
}
