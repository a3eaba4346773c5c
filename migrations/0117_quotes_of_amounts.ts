import type { Knex } from 'knex';

/**
 * What a quote comes to, before its spread as well, is an amount like any other: of 30 digits, so that sums fit into 38.
 * Not looked for in old rows, which stay as they were offered: the application refuses them to payments.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    `alter table exchange_quotes add constraint exchange_quotes_of_amounts
       check (target_amount < 1e30 and div(source_amount * market_n, market_d) < 1e30) not valid`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table exchange_quotes drop constraint exchange_quotes_of_amounts');
}
