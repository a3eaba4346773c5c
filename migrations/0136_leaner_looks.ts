import type { Knex } from 'knex';
import { keepingAndMoving } from './0011_ledger_sealing';
import { isReadCommitted, lookingAtARow, referenceOf } from './0118_journals_looked_at_by_row';
import { isWellFormed } from './0126_journals_of_plain_lists';

/**
 * What is asked of the row stands outside the lines' sum. The list of accounts stands behind a condition that the planner
 * can't settle: with its length before its eyes it would plan anew for each journal, and a sub-select costs more.
 */
const looking = `
create or replace function ledger_book() returns trigger language plpgsql as $$
declare
  is_right boolean;
begin
  select sum(case when abs(l.amount) between 1 and 999999999999999999999999999999
        and a.mode = new.mode and a.closed_at is null and not (a.is_guarded and l.amount > 0)
      then l.amount else 'NaN' end) = 0
    and min(a.currency) = max(a.currency)
    and cardinality(new.account_ids) <= 1000 and new.kind <> 'adjustment'
    and new.effective_at between '2000-01-01T00:00Z' and '2101-01-01T00:00Z'
    and ${referenceOf('new')}
    and new.tx = pg_current_xact_id() and new.recorded_at = statement_timestamp() into is_right
  from (
    select unnest(case when ${isReadCommitted} then new.account_ids end) as account_id, unnest(new.amounts) as amount
  ) l
  left join lateral (
    select mode, currency, is_guarded, closed_at from public.ledger_accounts where id = l.account_id offset 0
  ) a on true;
  if is_right is not true then
    perform public.ledger_book_carefully(new);
  end if;
  return null;
end $$;
`;

const moving = (lines: string, kept: string) => `
create or replace function ledger_block_moves() returns trigger language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_hashjoin = off as $$
declare
  block ledger_blocks;
begin
  for block in select * from new_blocks order by no loop
    with moved as materialized (
      select account_id, sum(amount) as amount, count(*) as lines, array_agg(tx) as txs,
        min(recorded_at) as recorded_from, max(recorded_at) as recorded_until
      from (${lines}) l group by account_id
    ), listed as (
      insert into ledger_account_blocks
        (account_id, tx_until, block_no, amount, posting_count, recorded_from, recorded_until, txs)
      select account_id, block.tx_until, block.no, amount, lines, recorded_from, recorded_until, txs from moved
    ), ${kept}  end loop;
  return null;
end $$;
`;

/** The hour of each balance need not be found to see that it is over. */
const hourIsOver = `date_trunc('hour', b.sealed_at, 'UTC') < date_trunc('hour', block.sealed_at, 'UTC')`;
const isBeforeTheHour = `b.sealed_at < date_trunc('hour', block.sealed_at, 'UTC')`;

const linesListed = `
        select tx, recorded_at, unnest(account_ids) as account_id, unnest(amounts) as amount
        from ledger_journals where tx >= block.tx_from and tx < block.tx_until
      `;
const linesJoined = `
        select j.tx, j.recorded_at, l.account_id, l.amount
        from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
        where j.tx >= block.tx_from and j.tx < block.tx_until
      `;

/**
 * A look at a journal spent an eighth of its time on whether its lists are plain. Whoever reads a list, the sealing
 * included, reads any shape of it by now: so none is refused any more. docs/adr/0013-a-journal-is-looked-at-for-itself.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`${lookingAtARow(referenceOf)}${looking}
${moving(linesListed, keepingAndMoving.replace(hourIsOver, isBeforeTheHour))}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`${lookingAtARow(isWellFormed)}${moving(linesJoined, keepingAndMoving)}`);
}
