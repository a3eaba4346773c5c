import type { Knex } from 'knex';

/** An operator says what was done about an event that was set aside; it then waits for nobody any more. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
alter table webhook_inbox
  add column resolved_because text check (length(resolved_because) between 1 and 500),
  add column resolved_by uuid,
  add column resolved_at timestamptz,
  drop constraint webhook_inbox_status_check,
  drop constraint webhook_inbox_set_aside,
  add constraint webhook_inbox_status_check check (status in ('received', 'applied', 'ignored', 'set_aside', 'resolved')),
  add constraint webhook_inbox_set_aside check ((status in ('set_aside', 'resolved')) = (set_aside_for is not null)),
  add constraint webhook_inbox_resolved check (
    num_nonnulls(resolved_because, resolved_by, resolved_at) = case when status = 'resolved' then 3 else 0 end);
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
alter table webhook_inbox drop constraint webhook_inbox_resolved, drop constraint webhook_inbox_set_aside,
  drop constraint webhook_inbox_status_check;
update webhook_inbox set status = 'set_aside' where status = 'resolved';
alter table webhook_inbox
  drop column resolved_because,
  drop column resolved_by,
  drop column resolved_at,
  add constraint webhook_inbox_status_check check (status in ('received', 'applied', 'ignored', 'set_aside')),
  add constraint webhook_inbox_set_aside check ((status = 'set_aside') = (set_aside_for is not null));
`);
}
