import { nobody, paged, verdict, type Invariant } from './check';

// A journal says when its statement began, and closing when its transaction did, which then waits for those who write:
// so what is in before may say that it is some seconds later.
const afterClosing = `closed_at + interval '1 minute'`;

// What triggers see to as it is written, and so not where they were out of the way. Of a closed account nothing but its
// last block and what no block has yet is asked: whatever came after the closing lies there.
const bounds = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, mode, kind, currency, is_guarded, closed_at from ledger_accounts
    where (is_guarded or closed_at is not null) and id > $1::uuid order by id limit $2
  ) a
), held as (
  select p.*, b.balance from page p join ledger_balances_of(array(select id from page)) b on b.account_id = p.id
), closed as (
  select p.*, b.recorded_until from page p left join lateral (
    select recorded_until from ledger_account_blocks where account_id = p.id order by tx_until desc limit 1
  ) b on true
  where closed_at is not null
), tail as (
  select l.account_id, max(j.recorded_at) as recorded_until
  from ledger_journals j cross join lateral unnest(j.account_ids) l (account_id)
  where j.tx >= ledger_sealed_until() group by l.account_id
), moved as (
  select c.*, greatest(c.recorded_until, t.recorded_until) as moved_at from closed c left join tail t on t.account_id = c.id
), broken as (
  select format('account %s, %s %s %s, is %s below zero', id, mode, currency, kind, balance) as offender
  from held where is_guarded and balance > 0
  union all
  select format('account %s, %s %s %s, is closed since %s and holds %s', id, mode, currency, kind, closed_at, balance)
  from held where closed_at is not null and balance <> 0
  union all
  select format('account %s, %s %s %s, is closed since %s and was moved at %s', id, mode, currency, kind, closed_at, moved_at)
  from moved where moved_at > ${afterClosing}
)
${verdict('id::text')}`;

export const boundsHold: Invariant = {
  name: 'bounds_hold',
  promise:
    'no account that may not go below zero is below it, and none that is closed holds anything or was moved since',
  parts: [paged({ start: nobody, pageRows: 1_000, text: bounds })],
};
