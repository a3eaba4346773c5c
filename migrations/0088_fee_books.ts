import type { Knex } from 'knex';

/**
 * What channels have taken is counted from the beginning of the month, for the tiers of their prices; and the database
 * sees to it that no plan and no version is overwritten.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- It was counted from whatever day a limit was first set. Until it is counted anew it is read from the charges.
delete from channel_day_totals;
delete from channel_days_counted;

create function fee_plans_stay() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'FE001', message = 'immutable',
    detail = format('%s on %s: a fee plan is changed by a new version', tg_op, tg_table_name);
end $$;
create trigger stays before update or delete on fee_plans for each row execute function fee_plans_stay();
create trigger never_emptied before truncate on fee_plans for each statement execute function fee_plans_stay();
create trigger stays before update or delete on fee_plan_versions for each row execute function fee_plans_stay();
create trigger never_emptied before truncate on fee_plan_versions
  for each statement execute function fee_plans_stay();
`);
}

/** Totals that begin earlier are right for the day's limits, too. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop trigger stays on fee_plan_versions;
drop trigger never_emptied on fee_plan_versions;
drop trigger stays on fee_plans;
drop trigger never_emptied on fee_plans;
drop function fee_plans_stay();
`);
}
