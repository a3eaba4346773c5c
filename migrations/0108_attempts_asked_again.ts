import type { Knex } from 'knex';

/** The commands that another attempt was the answer to, although an earlier one had begun it: two clicks are one wish. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table payment_attempts add column asked_again text[] not null default '{}'
  check (array_position(asked_again, null) is null);
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table payment_attempts drop column asked_again');
}
