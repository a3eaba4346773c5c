import type { Knex } from 'knex';
import { guardingBalances, lookingCarefully, lookingOnce } from './0085_ledger_accounts_by_block';

const accounts = `
-- As db/stores/ledger-accounts.ts comes to it: 122 bits of the SHA-256 of the account's name, a UUID of version 8.
create function ledger_account_id(mode text, owner_kind text, owner_id uuid, kind text, currency text) returns uuid
language sql immutable parallel safe as $$
  select encode(set_byte(set_byte(digest, 6, get_byte(digest, 6) & 15 | 128), 8, get_byte(digest, 8) & 63 | 128), 'hex')::uuid
  from substr(sha256(convert_to(concat_ws('/', mode, owner_kind, owner_id, kind, currency), 'UTF8')), 1, 16) digest
$$;

-- An account with another id would take the place of the one that everybody names; and whose it is says its kind.
alter table ledger_accounts
  add constraint ledger_accounts_id_is_digest check (id = ledger_account_id(mode, owner_kind, owner_id, kind, currency)),
  add constraint ledger_accounts_kind_has_owner check (owner_kind = case
    when kind = 'channel_receivable' then 'channel'
    when kind like 'merchant\\_%' then 'merchant'
    when kind like 'agent\\_%' then 'agent'
    else 'platform' end),
  add constraint ledger_accounts_platform_is_one check
    ((owner_kind = 'platform') = (owner_id = '00000000-0000-0000-0000-000000000000'));

-- Whose money it is stays. An account is only closed and opened again.
create trigger immutable before update of id, mode, owner_kind, owner_id, kind, currency, opened_at or delete
  on ledger_accounts for each row execute function ledger_is_immutable();
create trigger never_emptied before truncate on ledger_accounts for each statement execute function ledger_is_immutable();
`;

// With other times a row has no digest, and with larger amounts no sum: no block could take it.
export const isSealable = `abs(l.amount) between 1 and 999999999999999999999999999999
        and j.effective_at between '2000-01-01T00:00Z' and '2101-01-01T00:00Z'`;

/** The name of what is wrong with line l of journal j on account a, the worst first; or that it lowers a guarded one. */
export const finding = `      case
        when (${isSealable}
          and l.account_id is not null and cardinality(j.account_ids) between 2 and 1000
          and j.reference like '___\\_%' and length(j.reference) <= 400 and j.mode in ('live', 'test')
          and (j.kind <> 'adjustment' or (j.reason ~ '\\S' and j.approved_by ~ '\\S'))
          and j.tx = pg_current_xact_id() and j.recorded_at = statement_timestamp()) is not true then '0 malformed'
        when a.mode is null then '1 unknown_account'
        when a.closed_at is not null then '2 closed_account'
        when a.mode <> j.mode then '3 mixed_modes'
        when a.is_guarded and l.amount > 0 then '6 lowers'
      end as finding`;

export const looks = `
-- Says by its name what is wrong with journals, and looks at the guarded accounts that they lower.
create or replace function ledger_book_carefully(journals ledger_journals[]) returns void language plpgsql
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
    select journal_id, currency, min(finding) as finding, sum(amount) as total, bool_or(is_clearing) as is_cleared
    from (
      select j.id as journal_id, l.amount, a.currency, coalesce(a.kind = 'fx_clearing', false) as is_clearing,
${finding}
      from unnest(journals) j
      left join lateral unnest(j.account_ids, j.amounts) l (account_id, amount) on true
      left join lateral (
        select mode, kind, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
      ) a on true
    ) lines
    group by journal_id, currency
  ) totals
  group by journal_id order by 1 limit 1;

  if worst is null then
    return;
  end if;
  if worst <> '6 lowers' then
    perform ledger_refuse(substring(worst from 3), (
      select string_agg(format('%s: %s on %s', j.reference, j.amounts, j.account_ids), '; ')
      from (select * from unnest(journals) order by id limit 5) j));
  end if;

${guardingBalances}
-- One look at a statement's journal, as before: is it plainly right, in one currency, and lowers nobody's own money?
create or replace function ledger_book() returns trigger language plpgsql
set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  is_right boolean;
begin
  select sum(case when ${isSealable}
        and a.mode = j.mode and a.closed_at is null and not (a.is_guarded and l.amount > 0)
        and cardinality(j.account_ids) <= 1000 and j.kind <> 'adjustment'
        and j.reference like '___\\_%' and length(j.reference) <= 400
        and j.tx = pg_current_xact_id() and j.recorded_at = statement_timestamp()
      then l.amount else 'NaN' end) = 0
    and min(a.currency) = max(a.currency) and min(j.id) = max(j.id) into is_right
  from new_journals j left join lateral unnest(j.account_ids, j.amounts) l (account_id, amount) on true
  left join lateral (
    select mode, currency, is_guarded, closed_at from ledger_accounts where id = l.account_id offset 0
  ) a on true;
  if is_right is not true then
    perform ledger_book_carefully(array(select row(j.*)::ledger_journals from new_journals j));
  end if;
  return null;
end $$;
`;

// What many lines add up to may be longer than any line.
const sums = `
alter table ledger_balances alter column balance type numeric;
alter table ledger_balance_history alter column balance type numeric;
alter table ledger_account_blocks alter column amount type numeric;
`;

// What writes as the owner of the tables is for the product alone; what a trigger does is for nobody to call, nor to hang
// on a table of one's own.
const writers = `
revoke execute on function ledger_seal(int), ledger_close_account(uuid), ledger_reopen_account(uuid),
  ledger_book_carefully(ledger_journals[]), ledger_block_moves() from public;
grant execute on function ledger_seal(int), ledger_close_account(uuid), ledger_reopen_account(uuid),
  ledger_book_carefully(ledger_journals[]) to durapay_app;
`;

/** What the books are defended against by the database itself, whoever writes: docs/ledger.md. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the tables at once gives up, and is begun again.
set local lock_timeout = '5s';
${accounts}${looks}${sums}${writers}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
set local lock_timeout = '5s';
alter table ledger_balances alter column balance type numeric(38, 0);
alter table ledger_balance_history alter column balance type numeric(38, 0);
alter table ledger_account_blocks alter column amount type numeric(38, 0);
${lookingCarefully}${lookingOnce}revoke execute on function ledger_seal(int), ledger_close_account(uuid), ledger_reopen_account(uuid),
  ledger_book_carefully(ledger_journals[]) from durapay_app;
grant execute on function ledger_seal(int), ledger_close_account(uuid), ledger_reopen_account(uuid),
  ledger_book_carefully(ledger_journals[]), ledger_block_moves() to public;
drop trigger immutable on ledger_accounts;
drop trigger never_emptied on ledger_accounts;
alter table ledger_accounts drop constraint ledger_accounts_id_is_digest,
  drop constraint ledger_accounts_kind_has_owner, drop constraint ledger_accounts_platform_is_one;
drop function ledger_account_id(text, text, uuid, text, text);
`);
}
