import { nobody, paged, verdict, type Invariant } from './check';

const held = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, mode, owner_id, currency from ledger_accounts
    where kind = 'merchant_held' and id > $1::uuid order by id limit $2
  ) a
), explained as (
  select merchant_id, mode, currency, sum(amount) as amount from (
    select merchant_id, mode, currency, amount from refunds
    where status in ('pending', 'processing', 'unknown') and kind <> 'late_money' and reserved_at is not null
    union all
    select merchant_id, mode, currency, amount from disputes
    where status in ('needs_response', 'under_review') and taken_from is not null
    union all
    select owner_id, mode, currency, amount from ledger_adjustments where kind = 'merchant_held' and status = 'approved'
  ) e group by merchant_id, mode, currency
), compared as (
  select p.*, -b.balance as held, coalesce(e.amount, 0) as explained
  from page p join ledger_balances_of(array(select id from page)) b on b.account_id = p.id
  left join explained e on e.merchant_id = p.owner_id and e.mode = p.mode and e.currency = p.currency
), broken as (
  select format('mer_%s: %s %s %s is held, explained are %s', replace(owner_id::text, '-', ''), mode, currency, held, explained) as offender
  from compared where held <> explained
)
${verdict('id::text')}`;

export const heldIsExplained: Invariant = {
  name: 'held_is_explained',
  promise:
    "what is held of a merchant's money is refunds on their way and disputes that run, or an approved adjustment",
  parts: [paged({ start: nobody, pageRows: 1_000, text: held })],
};
