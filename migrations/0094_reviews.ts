import type { Knex } from 'knex';

/** The list of payments that wait for an operator's decision. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`create index payments_under_review on payments (id) where status = 'review';`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index payments_under_review;');
}
