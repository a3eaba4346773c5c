import type { Knex } from 'knex';

/**
 * What an attempt costs, where that was not pinned with its payment: another channel, or another method. Null: what was
 * pinned with the payment holds.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
alter table payment_attempts add column fees jsonb check (jsonb_typeof(fees) = 'object');

create function attempt_fees_stay() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'FE001', message = 'immutable',
    detail = format('What was pinned with attempt %s of payment %s stays.', old.attempt_no, old.payment_id);
end $$;
create trigger fees_stay before update of fees on payment_attempts
  for each row when (new.fees is distinct from old.fees) execute function attempt_fees_stay();
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop trigger fees_stay on payment_attempts;
drop function attempt_fees_stay();
alter table payment_attempts drop column fees;
`);
}
