import type { Knex } from 'knex';

/** What a dispute needs beside its row: whose charge it is, what it holds, when its workflow looks again. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table disputes
  add column attempt_no int not null check (attempt_no between 1 and 999),
  add column channel text not null,
  -- Null: the disputed money is not the merchant's, so nothing of theirs is withheld.
  add column taken_from text check (taken_from in ('pending', 'available')),
  -- What the channel took for a lost one.
  add column fee numeric(38, 0) not null default 0 check (fee >= 0),
  add column reminded_at timestamptz,
  add column wake_at timestamptz;
create index disputes_overdue on disputes (wake_at) where wake_at is not null;
create index disputes_by_status on disputes (status, id);

alter table dispute_evidence
  add column bytes int not null check (bytes >= 0),
  add column status text not null default 'received' check (status in ('received', 'accepted', 'refused')),
  add column error jsonb,
  add column settled_at timestamptz;
grant update (status, error, settled_at) on dispute_evidence to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
revoke update (status, error, settled_at) on dispute_evidence from durapay_app;
alter table dispute_evidence drop column bytes, drop column status, drop column error, drop column settled_at;
drop index disputes_overdue, disputes_by_status;
alter table disputes drop column attempt_no, drop column channel, drop column taken_from, drop column fee,
  drop column reminded_at, drop column wake_at;
`);
}
