import type { Knex } from 'knex';

/** Disputes never withhold more than was charged: of a payment's own money all together, of late money charge by charge. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
create function dispute_within_charges() returns trigger language plpgsql as $$
declare
  charged numeric;
  disputed numeric;
begin
  if new.late_money then
    select sum(amount - lost) into charged from provider_charges
    where channel_config_id = new.channel_config_id and provider_ref = new.charge_ref and currency = new.currency;
    select sum(amount) into disputed from disputes
    where channel_config_id = new.channel_config_id and charge_ref = new.charge_ref and late_money and status <> 'won';
  else
    select sum(amount) into charged from provider_charges
    where payment_id = new.payment_id and disposition = 'payment' and currency = new.currency;
    select sum(amount) into disputed from disputes
    where payment_id = new.payment_id and taken_from is not null and not late_money and status <> 'won';
  end if;
  -- Late money that is not named has no charge.
  disputed := coalesce(disputed, new.amount);
  if disputed > coalesce(charged, 0) then
    raise exception 'Disputes would withhold %, and % was charged.', disputed, coalesce(charged, 0)
      using errcode = 'check_violation', table = 'disputes', constraint = 'disputes_within_charges';
  end if;
  return null;
end $$;

create trigger within_charges after insert on disputes
  for each row when (new.taken_from is not null) execute function dispute_within_charges();
-- Not at every change: one that an older build has let through must be able to end.
create trigger still_within_charges after update on disputes
  for each row when (new.taken_from is not null
    and (new.amount, new.currency, new.taken_from, new.late_money)
      is distinct from (old.amount, old.currency, old.taken_from, old.late_money))
  execute function dispute_within_charges();
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop trigger still_within_charges on disputes;
drop trigger within_charges on disputes;
drop function dispute_within_charges();
`);
}
