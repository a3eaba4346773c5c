import type { Knex } from 'knex';

/** How often a key's request was refused with a conflict: such an answer is not kept, and the repeat is asked anew. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table idempotency_keys add column refusals int not null default 0 check (refusals >= 0)',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table idempotency_keys drop column refusals');
}
