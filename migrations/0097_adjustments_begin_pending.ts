import type { Knex } from 'knex';

/** A correction is asked for before it is decided, whoever writes the row: two people are not one statement. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create function ledger_adjustment_begins_pending() returns trigger language plpgsql as $$
begin
  if new.status <> 'pending' then
    perform ledger_refuse('malformed', format('adjustment %s is %s before anybody asked for it', new.id, new.status));
  end if;
  return new;
end $$;
create trigger begins_pending before insert on ledger_adjustments
  for each row execute function ledger_adjustment_begins_pending();
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop trigger begins_pending on ledger_adjustments;
drop function ledger_adjustment_begins_pending();
`);
}
