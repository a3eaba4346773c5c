import type { Knex } from 'knex';

/**
 * How many calls with a piece of evidence may have reached its channel. As long as there is one, only the channel can say
 * what became of it. Of what was under way before, nobody can tell.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table dispute_evidence add column calls int not null default 0 check (calls >= 0);
update dispute_evidence set calls = 1 where status = 'received';
grant update (calls) on dispute_evidence to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
alter table dispute_evidence drop column calls;
`);
}
