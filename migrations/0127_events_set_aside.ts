import type { Knex } from 'knex';

/** An event that can't be applied is set aside for an operator, with the reason, and not tried for ever. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
alter table webhook_inbox
  add column set_aside_for text,
  drop constraint webhook_inbox_status_check,
  add constraint webhook_inbox_status_check check (status in ('received', 'applied', 'ignored', 'set_aside')),
  add constraint webhook_inbox_set_aside check ((status = 'set_aside') = (set_aside_for is not null));
create index webhook_inbox_set_aside on webhook_inbox (channel_config_id) where status = 'set_aside';
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop index webhook_inbox_set_aside;
alter table webhook_inbox drop constraint webhook_inbox_set_aside, drop constraint webhook_inbox_status_check;
update webhook_inbox set status = 'ignored' where status = 'set_aside';
alter table webhook_inbox
  drop column set_aside_for,
  add constraint webhook_inbox_status_check check (status in ('received', 'applied', 'ignored'));
`);
}
