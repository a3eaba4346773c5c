import type { Knex } from 'knex';

/** Callbacks that a workflow has taken over are looked for by a sweep: there are few, among very many. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`create index outbox_handed_over on outbox (id) where status = 'handed_over'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index outbox_handed_over');
}
