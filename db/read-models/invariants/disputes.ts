import { nobody, paged, verdict, type Invariant } from './check';
import { nameOf } from './references';

// What its journals moved, all together: into the merchant's held and out of it, out of suspense, and at the channel; of the
// balance that it says, while the channel's fee is the platform's. Whose money it takes follows from the charge that it is
// of, one of its attempt. Late money may have come after its dispute, which then goes by its attempt or its number. What it
// withholds, or has taken, is with that of the others no more than was charged.
const disputes = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select *, ${nameOf('dsp', 'id')} as name from disputes where id > $1::uuid order by id limit $2
  ) d
), booked as (
  select d.name, d.status, d.taken_from, s.*, b.* from page d cross join lateral (
    select case when d.taken_from is null then 0 else d.amount end as says_withheld,
      case when d.taken_from is not null and d.status = 'won' then d.amount else 0 end as says_returned,
      case when d.taken_from is not null and d.status = 'lost' then d.amount else 0 end as says_taken,
      d.from_suspense as says_suspense, case when d.status = 'lost' then d.amount + d.fee else 0 end as says_paid,
      case when d.status <> 'lost' then 0 when d.taken_from is null then d.amount - d.from_suspense + d.fee else d.fee end as says_cost
  ) s cross join lateral (
    select coalesce(-sum(l.amount) filter (where a.kind = 'merchant_held' and j.kind = 'dispute_hold'), 0) as withheld,
      coalesce(sum(l.amount) filter (where a.kind = 'merchant_held' and j.kind = 'dispute_won'), 0) as returned,
      coalesce(sum(l.amount) filter (where a.kind = 'merchant_held' and j.kind = 'dispute_lost'), 0) as taken,
      coalesce(sum(l.amount) filter (where a.kind = 'suspense'), 0) as suspense,
      coalesce(-sum(l.amount) filter (where a.kind = 'channel_receivable'), 0) as paid,
      coalesce(sum(l.amount) filter (where a.kind = 'channel_cost'), 0) as cost,
      coalesce(sum(abs(l.amount)) filter (where a.kind in ('merchant_pending', 'merchant_available') and a.kind <> 'merchant_'
        || case when j.kind = 'dispute_lost' then 'pending' else d.taken_from end), 0) as elsewhere
    from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.currency = d.currency and a.mode = d.mode
      and (a.owner_kind = 'platform' or a.owner_id in (d.merchant_id, d.channel_config_id))
    where j.reference >= d.name || ':' and j.reference < d.name || ';' and j.dispute_id = d.id
  ) b
), broken as (
  select format('%s is %s: withheld %s, given back %s, lost %s, of suspense %s, paid %s; its journals say %s, %s, %s, %s and %s',
    name, status, says_withheld, says_returned, says_taken, says_suspense, says_paid, withheld, returned, taken, suspense, paid) as offender
  from booked where (says_withheld, says_returned, says_taken, says_suspense, says_paid) <> (withheld, returned, taken, suspense, paid)
  union all
  select format('%s is %s at a cost of %s to us, its journals say %s', name, status, says_cost, cost) from booked where says_cost <> cost
  union all
  select format('%s takes from the %s balance, its journals move %s of another', name, taken_from, elsewhere)
  from booked where elsewhere <> 0
  union all
  select format('%s takes money, and there is no charge %s of the attempt %s of its payment', name, charge_ref, attempt_no)
  from page d where (d.taken_from is not null or d.from_suspense > 0) and not exists (
    select from provider_charges c where c.payment_id = d.payment_id and c.channel_config_id = d.channel_config_id
      and case when d.taken_from is null or d.late_money then c.disposition = 'suspense' and (c.attempt_no = d.attempt_no or c.provider_ref = d.charge_ref)
        else c.disposition = 'payment' and c.attempt_no = d.attempt_no and (d.charge_ref is null or c.provider_ref = d.charge_ref) end)
  union all
  select format('%s takes %s %s, and all disputes of that money %s; charged is %s', name, amount, currency, disputed, charged)
  from page d cross join lateral (
    select (select coalesce(sum(case when d.late_money then c.amount - c.lost else c.amount end), 0) from provider_charges c
        where c.payment_id = d.payment_id and c.currency = d.currency and case when d.late_money
          then c.channel_config_id = d.channel_config_id and c.provider_ref = d.charge_ref else c.disposition = 'payment' end) as charged,
      (select coalesce(sum(o.amount), 0) from disputes o where o.payment_id = d.payment_id and o.taken_from is not null
        and o.status <> 'won' and o.late_money = d.late_money
        and (not d.late_money or (o.channel_config_id = d.channel_config_id and o.charge_ref = d.charge_ref))) as disputed
  ) s where d.taken_from is not null and d.status <> 'won' and disputed > charged
)
${verdict('id::text')}`;

export const disputesAreBooked: Invariant = {
  name: 'disputes_are_booked',
  promise:
    'every dispute has the journals that its status says: withheld, given back or lost, and paid with its fee by whom it says, of a charge that is there, and no more than was charged',
  parts: [paged({ start: nobody, pageRows: 1_000, text: disputes })],
};
