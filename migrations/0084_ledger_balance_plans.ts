import type { Knex } from 'knex';

export const balance = `
create or replace function ledger_balance(account uuid) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  total numeric;
  since xid8;
  sealed timestamptz;
  tail numeric;
begin
  select balance, through_tx, sealed_at - interval '1 day' into total, since, sealed
  from ledger_balances where account_id = account;
  if found then
    -- A transaction is never open for a day, so older partitions hold nothing of the tail, nor do later ones.
    select sum(amount) into tail from ledger_postings
    where account_id = account and tx >= since
      and recorded_at >= sealed and recorded_at <= statement_timestamp() + interval '1 day';
  else
    select sum(amount) into tail from ledger_postings where account_id = account;
  end if;
  return coalesce(total, 0) + coalesce(tail, 0);
end $$;`;

/**
 * Balances that stay as quick as they are on an empty ledger. Once PostgreSQL knows how many lines an account has, it
 * takes the plan for any values for a dear one and makes another for each reading, which costs four times the reading.
 * And what a future month holds need not be looked for.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
${balance}
alter function ledger_balance_at(uuid, timestamptz) set plan_cache_mode = force_generic_plan;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
alter function ledger_balance_at(uuid, timestamptz) reset plan_cache_mode;
create or replace function ledger_balance(account uuid) returns numeric language plpgsql stable
security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  total numeric;
  since xid8;
  sealed timestamptz;
  tail numeric;
begin
  select balance, through_tx, sealed_at - interval '1 day' into total, since, sealed
  from ledger_balances where account_id = account;
  if found then
    select sum(amount) into tail from ledger_postings
    where account_id = account and tx >= since and recorded_at >= sealed;
  else
    select sum(amount) into tail from ledger_postings where account_id = account;
  end if;
  return coalesce(total, 0) + coalesce(tail, 0);
end $$;
`);
}
