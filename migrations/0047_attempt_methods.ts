import type { Knex } from 'knex';

/** An attempt may go another way than the payment began; null: the payment's own method. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table payment_attempts add column method text
  check (method in ('card', 'bank_transfer', 'wallet', 'qr', 'cash_code', 'crypto'))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table payment_attempts drop column method');
}
