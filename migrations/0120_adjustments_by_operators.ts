import type { Knex } from 'knex';

/**
 * Who asks for a correction and who decides it are keys of operators. A key is revoked and never deleted, so a row can
 * name it for ever. Old rows are not looked at, or an upgrade could fail on them: the audit names those that don't fit.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the tables at once gives up, and is begun again.
set local lock_timeout = '5s';
alter table ledger_adjustments
  add constraint ledger_adjustments_requested_by_fkey foreign key (requested_by) references api_keys (id) not valid,
  add constraint ledger_adjustments_decided_by_fkey foreign key (decided_by) references api_keys (id) not valid;

-- What was asked for before this is still to be decided, whoever it was.
create function ledger_adjustment_by_operators() returns trigger language plpgsql as $$
declare
  person uuid := case tg_op when 'INSERT' then new.requested_by else new.decided_by end;
begin
  if person is not null and not exists (select from public.api_keys where id = person and role = 'admin') then
    perform public.ledger_refuse('malformed', format('adjustment %s: %s is no key of an operator', new.id, person));
  end if;
  return new;
end $$;
create trigger by_operators before insert or update of decided_by on ledger_adjustments
  for each row execute function ledger_adjustment_by_operators();
revoke execute on function ledger_adjustment_by_operators() from public;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop trigger by_operators on ledger_adjustments;
drop function ledger_adjustment_by_operators();
alter table ledger_adjustments
  drop constraint ledger_adjustments_requested_by_fkey,
  drop constraint ledger_adjustments_decided_by_fkey;
`);
}
