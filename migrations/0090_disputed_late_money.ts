import type { Knex } from 'knex';

/** A dispute may be about late or second money that the merchant was given, and not about the payment's own. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table disputes
  add column late_money boolean not null default false,
  -- It is taken from the merchant, or the dispute would not be about it; and it was never exchanged.
  add constraint disputes_late_money check (not late_money or (taken_from is not null and exchange is null));
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table disputes drop column late_money');
}
