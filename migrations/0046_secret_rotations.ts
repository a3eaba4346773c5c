import type { Knex } from 'knex';

/** Which request made the secret that signs now: the same one again, after a crash, must not make another. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table webhook_endpoints add column rotation_id uuid');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table webhook_endpoints drop column rotation_id');
}
