import type { Knex } from 'knex';

/**
 * A rate of the year nothing is a date that somebody left empty. Not looked for in old rows, which stay as they were
 * written: so old a rate was never quoted.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    `alter table exchange_rates add constraint exchange_rates_since_1970
       check (observed_at >= '1970-01-01T00:00:00Z') not valid`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table exchange_rates drop constraint exchange_rates_since_1970');
}
