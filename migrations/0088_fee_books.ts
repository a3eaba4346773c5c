import type { Knex } from 'knex';

/** What channels have taken is counted from the beginning of the month, for the tiers of their prices. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- It was counted from whatever day a limit was first set. Until it is counted anew it is read from the charges.
delete from channel_day_totals;
delete from channel_days_counted;
`);
}

/** Totals that begin earlier are right for the day's limits, too. */
export async function down(): Promise<void> {}
