import type { Knex } from 'knex';

/** The name of what is wrong with line l of journal j on account a, the worst first; or that it lowers a guarded one. */
export const finding = `      case
        when (l.amount <> 0 and l.account_id is not null and cardinality(j.account_ids) between 2 and 1000
          and j.reference like '___\\_%' and length(j.reference) <= 400 and j.mode in ('live', 'test')
          and (j.kind <> 'adjustment' or (j.reason is not null and j.approved_by is not null))
          and j.tx = pg_current_xact_id() and j.recorded_at = statement_timestamp()) is not true then '0 malformed'
        when a.mode is null then '1 unknown_account'
        when a.closed_at is not null then '2 closed_account'
        when a.mode <> j.mode then '3 mixed_modes'
        when a.is_guarded and l.amount > 0 then '5 lowers'
      end as finding`;

export const booking = `
-- What a statement costs is mostly its plan being set up, so there is one plan, with few aggregates, that finds nothing
-- in journals that are right. \`offset 0\` keeps the accounts a look-up for each line, whatever the planner thinks of
-- their number; it is kept for the session, and must not be a plan for the size of the first statement.
create or replace function ledger_book() returns trigger language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  worst text;
  lowered uuid[];
  overdrawn uuid;
begin
  with lines as materialized (
    select j.tx, j.id as journal_id, j.recorded_at, l.no, l.account_id, l.amount, a.currency,
${finding}
    from new_journals j
    left join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no) on true
    left join lateral (
      select mode, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
    ) a on true
  ), booked as (
    insert into ledger_postings (account_id, tx, journal_id, no, amount, recorded_at)
    select account_id, tx, journal_id, no, amount, recorded_at from lines where finding is null or finding = '5 lowers'
  )
  select least(min(finding), case when sum(amount) <> 0 then '4 unbalanced' end) into worst
  from lines group by journal_id, currency
  having min(finding) is not null or sum(amount) <> 0 order by 1;

  if worst is null then
    return null;
  end if;
  if worst <> '5 lowers' then
    perform ledger_refuse(substring(worst from 3), (
      select string_agg(format('%s: %s on %s', j.reference, j.amounts, j.account_ids), '; ')
      from (select * from new_journals order by id limit 5) j));
  end if;

  -- First the locks, always in the same order; then the sums, with a snapshot taken under the locks.
  select array_agg(distinct a.id order by a.id) into lowered
  from new_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  cross join lateral (select id from ledger_accounts where id = l.account_id and is_guarded offset 0) a
  where l.amount > 0;
  perform from ledger_accounts where id = any (lowered) order by id for no key update;
  select id into overdrawn from unnest(lowered) id where ledger_balance(id) > 0 limit 1;
  if overdrawn is not null then
    perform ledger_refuse('insufficient_funds', overdrawn::text);
  end if;
  return null;
end $$;

-- A condition of the trigger's own would be compiled anew for every statement; in a function it is kept.
create function ledger_posting_is_booked() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() = 1 then
    raise exception using errcode = 'LD002', message = 'immutable',
      detail = format('%s on %s: lines are written by their journal alone', tg_op, tg_table_name);
  end if;
  return null;
end $$;
create or replace trigger booked_only before insert on ledger_postings for each statement
  execute function ledger_posting_is_booked();`;

/** The same checks of every journal, at less cost: docs/ledger.md, "What the database sees to". */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
${booking}
`);
}

/** The booking stays as it is: it refuses what it refused before, by the same names. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
create or replace trigger booked_only before insert on ledger_postings for each statement
  when (pg_trigger_depth() = 0) execute function ledger_is_immutable();
drop function ledger_posting_is_booked();
`);
}
