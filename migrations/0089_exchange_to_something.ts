import type { Knex } from 'knex';

/**
 * Nobody is offered nothing for something. Not looked for in old rows, which stay as they were offered: the application
 * refuses them to payments.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table exchange_quotes add constraint exchange_quotes_to_something check (target_amount > 0) not valid',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table exchange_quotes drop constraint exchange_quotes_to_something');
}
