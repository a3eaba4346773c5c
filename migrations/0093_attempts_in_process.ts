import type { Knex } from 'knex';

/** An attempt whose customer has paid, while the channel has still to say how that ends. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table payment_attempts drop constraint payment_attempts_status_check, add constraint payment_attempts_status_check check (status in
  ('planned', 'sending', 'action_required', 'processing', 'authorized', 'succeeded', 'declined', 'unavailable', 'unknown', 'cancelled', 'expired'));
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
update payment_attempts set status = 'action_required' where status = 'processing';
alter table payment_attempts drop constraint payment_attempts_status_check, add constraint payment_attempts_status_check check (status in
  ('planned', 'sending', 'action_required', 'authorized', 'succeeded', 'declined', 'unavailable', 'unknown', 'cancelled', 'expired'));
`);
}
