import type { Knex } from 'knex';
import { finding, isSealable, looks } from './0087_ledger_defences';

/** A pattern's backslash says something else where a session has `standard_conforming_strings` off. */
export const referenceOf = (journal: string) =>
  `substr(${journal}.reference, 4, 1) = '_' and length(${journal}.reference) <= 400`;
const isReference = `j.reference like '___\\_%' and length(j.reference) <= 400`;

/** What a snapshot of old says of an account may be of old. */
export const isReadCommitted = `current_setting('transaction_isolation') = 'read committed'`;

/** Of journal s: it lowers a guarded account, and was written by the same command as journal j. */
const lowersBeside = `
    from ledger_journals s cross join lateral unnest(s.account_ids, s.amounts) l (account_id, amount)
    cross join lateral (select id from ledger_accounts where id = l.account_id and is_guarded offset 0) a
    where s.tx = j.tx and s.cmin = (select cmin from ledger_journals where tx = j.tx and id = j.id) and l.amount > 0`;

export const lookingAtARow = (isWellFormed: (journal: string) => string) => `
-- Says by its name what is wrong with a journal, and looks at the guarded accounts that it lowers.
create or replace function ledger_book_carefully(j ledger_journals) returns void language plpgsql
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
${finding.replace(isReference, isWellFormed('j'))}
      from (select) one left join lateral unnest(j.account_ids, j.amounts) l (account_id, amount) on true
      left join lateral (
        select mode, kind, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
      ) a on true
    ) lines
    group by currency
  ) totals;

  if worst <> '6 lowers' then
    perform ledger_refuse(substring(worst from 3), format('%s: %s on %s', j.reference, j.amounts, j.account_ids));
  elsif not (${isReadCommitted}) then
    perform ledger_refuse(case when worst is null then 'closed_account' else 'insufficient_funds' end,
      'what an account is and holds is only known in read committed');
  elsif worst is null then
    return;
  end if;

  -- Of a statement's journals that lower accounts the last looks at what all of them lowered. First the locks, always in
  -- the same order; then the sums, with a snapshot taken under the locks.
  if exists (select ${lowersBeside} and s.id > j.id) then
    return;
  end if;
  select array_agg(distinct a.id order by a.id) into lowered ${lowersBeside} and s.id <= j.id;
  perform from ledger_accounts where id = any (lowered) order by id for no key update;
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
    and ${isWellFormed('new')} and ${isReadCommitted}
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
`;

const closing = (check: string) => `
create or replace function ledger_close_account(account uuid) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
begin
${check}  perform set_config('lock_timeout', '2s', true);
  lock table ledger_journals in share row exclusive mode;
  if ledger_balance(account) <> 0 then
    raise exception using errcode = 'LD003', message = 'balance_left', detail = account::text;
  end if;
  update ledger_accounts set closed_at = coalesce(closed_at, now()) where id = account;
end $$;
`;

const closingOfToday = `  if not (${isReadCommitted}) then
    raise exception using errcode = 'LD003', message = 'balance_left',
      detail = 'what an account holds is only known in read committed';
  end if;
`;

const triggerFunctions = `ledger_book(), ledger_is_immutable(), ledger_is_moved_by_block(), ledger_adjustment_begins_pending(),
  ledger_adjustment_decided_once()`;

/** Each journal is looked at for itself: docs/adr/0013-a-journal-is-looked-at-for-itself.md says what that spares. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the table at once gives up, and is begun again.
set local lock_timeout = '5s';
${lookingAtARow(referenceOf)}
create or replace trigger booked after insert on ledger_journals for each row execute function ledger_book();
drop function ledger_book_carefully(ledger_journals[]);
revoke execute on function ledger_book_carefully(ledger_journals) from public;
grant execute on function ledger_book_carefully(ledger_journals) to durapay_app;
revoke execute on function ${triggerFunctions} from public;
${closing(closingOfToday)}`);
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
grant execute on function ${triggerFunctions} to public;
${closing('')}`);
}
