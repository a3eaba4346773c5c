import type { Knex } from 'knex';

/** Evidence that was written down and did not reach its workflow is brought there by a sweep, each piece in its turn. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
alter table dispute_evidence add column swept_at timestamptz;
create index dispute_evidence_unsettled on dispute_evidence (coalesce(swept_at, created_at)) where status = 'received';
grant update (swept_at) on dispute_evidence to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop index dispute_evidence_unsettled;
alter table dispute_evidence drop column swept_at;
`);
}
