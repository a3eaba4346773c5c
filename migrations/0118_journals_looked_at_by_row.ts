import type { Knex } from 'knex';
import { finding, isSealable, looks } from './0087_ledger_defences';

const lookingAtARow = `
-- Says by its name what is wrong with a journal, and looks at the guarded accounts that it lowers.
create function ledger_book_carefully(j ledger_journals) returns void language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  worst text;
  lowered uuid[];
  overdrawn uuid;
begin
  -- Two currencies meet in clearing alone: each of them moves it.
  select least(min(finding), case when bool_or(total <> 0) then '4 unbalanced' end,
    case when count(currency) > 1 and not bool_and(is_cleared) then '5 crosses_currencies' end) into worst
  from (
    select currency, min(finding) as finding, sum(amount) as total, bool_or(is_clearing) as is_cleared
    from (
      select l.amount, a.currency, coalesce(a.kind = 'fx_clearing', false) as is_clearing,
${finding}
      from (select) one left join lateral unnest(j.account_ids, j.amounts) l (account_id, amount) on true
      left join lateral (
        select mode, kind, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
      ) a on true
    ) lines
    group by currency
  ) totals;

  if worst is null then
    return;
  end if;
  if worst <> '6 lowers' then
    perform ledger_refuse(substring(worst from 3), format('%s: %s on %s', j.reference, j.amounts, j.account_ids));
  end if;

  if current_setting('transaction_isolation') <> 'read committed' then
    perform ledger_refuse('insufficient_funds', 'what an account holds is only known in read committed');
  end if;
  -- First the locks, always in the same order: the statement's first journal that lowers an account takes those of the
  -- journals after it as well. Then the sums, with a snapshot taken under the locks.
  perform from ledger_accounts where is_guarded and id in (
    select l.account_id from ledger_journals s cross join lateral unnest(s.account_ids, s.amounts) l (account_id, amount)
    where s.tx = j.tx and s.id >= j.id and l.amount > 0
  ) order by id for no key update;
  select array_agg(distinct a.id) into lowered
  from unnest(j.account_ids, j.amounts) l (account_id, amount)
  cross join lateral (select id from ledger_accounts where id = l.account_id and is_guarded offset 0) a
  where l.amount > 0;
  select account_id into overdrawn from ledger_balances_of(lowered) where balance > 0 order by account_id limit 1;
  if overdrawn is not null then
    perform ledger_refuse('insufficient_funds', overdrawn::text);
  end if;
end $$;

-- One look at a journal: is it plainly right, in one currency, and lowers nobody's own money? All else (an exchange, a
-- hold that is released, whatever is wrong) is looked at with care. A line that is not right counts as NaN, and then no
-- sum is zero; a journal without lines has no sum.
-- It has no settings of its own, which cost as much as three of its look-ups: so its table is named with its schema. And
-- the arrays stand in sub-selects, for with their length before its eyes the planner would plan anew for each journal.
create or replace function ledger_book() returns trigger language plpgsql as $$
declare
  is_right boolean;
begin
  select sum(case when ${isSealable.replaceAll('j.', 'new.')}
        and a.mode = new.mode and a.closed_at is null and not (a.is_guarded and l.amount > 0)
      then l.amount else 'NaN' end) = 0
    and min(a.currency) = max(a.currency)
    and cardinality(new.account_ids) <= 1000 and new.kind <> 'adjustment'
    and new.reference like '___\\_%' and length(new.reference) <= 400
    and new.tx = pg_current_xact_id() and new.recorded_at = statement_timestamp() into is_right
  from (select unnest((select new.account_ids)) as account_id, unnest((select new.amounts)) as amount) l
  left join lateral (
    select mode, currency, is_guarded, closed_at from public.ledger_accounts where id = l.account_id offset 0
  ) a on true;
  if is_right is not true then
    perform public.ledger_book_carefully(new);
  end if;
  return null;
end $$;
create or replace trigger booked after insert on ledger_journals for each row execute function ledger_book();
`;

/** Each journal is looked at for itself: docs/adr/0013-a-journal-is-looked-at-for-itself.md says what that spares. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
${lookingAtARow}
drop function ledger_book_carefully(ledger_journals[]);
revoke execute on function ledger_book_carefully(ledger_journals) from public;
grant execute on function ledger_book_carefully(ledger_journals) to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
set local lock_timeout = '5s';
${looks}
create or replace trigger booked after insert on ledger_journals referencing new table as new_journals
  for each statement execute function ledger_book();
drop function ledger_book_carefully(ledger_journals);
revoke execute on function ledger_book_carefully(ledger_journals[]) from public;
grant execute on function ledger_book_carefully(ledger_journals[]) to durapay_app;
`);
}
