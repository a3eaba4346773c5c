import type { Knex } from 'knex';

/** When the sweep last looked after money in suspense: so it comes round to all of it, however much there is. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table provider_charges add column swept_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table provider_charges drop column swept_at');
}
