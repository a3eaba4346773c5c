import { isPaid, paymentStatuses } from '../../../domain/payment/status';
import { nobody, paged, verdict, type Invariant } from './check';
import { chargeReference, nameOf } from './references';

const paidStatuses = paymentStatuses
  .filter(isPaid)
  .map((status) => `'${status}'`)
  .join(', ');
const named = nameOf('pay', 'p.id');

// Of what was captured in parts more may be to come; whatever else was charged is paid, and stays it.
const payments = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, status, amount, currency, captured, attempt_no from payments
    where id > $1::uuid order by id limit $2
  ) p
), paid as (
  select p.*, ${named} as name, coalesce(c.amount, 0) as charged, coalesce(c.same_currency, true) as same_currency,
    coalesce(c.is_named, true) as is_named, coalesce(c.is_in_parts, false) as is_in_parts
  from page p left join lateral (
    select sum(amount) as amount, bool_and(c.currency = p.currency) as same_currency, bool_and(c.provider_ref ~ '[^[:space:]]') as is_named,
      bool_and(c.capture_no > 0) as is_in_parts
    from provider_charges c where c.payment_id = p.id and c.disposition = 'payment'
  ) c on true
), broken as (
  select format('%s is %s without a charge that names its provider reference', name, status) as offender from paid
  where not is_named or (charged = 0 and (captured > 0 or status in (${paidStatuses})))
  union all
  select format('%s is %s with %s captured and %s charged', name, status, captured, charged) from paid
  where charged > 0 and (captured <> charged or not same_currency
    or not (status in (${paidStatuses}) or (status in ('authorized', 'unknown') and is_in_parts and charged < amount)))
  union all
  select format('%s is of %s and was charged %s', name, amount, charged) from paid where charged > amount
)
${verdict('id::text')}`;

export const paidIsCharged: Invariant = {
  name: 'paid_is_charged',
  promise:
    'every paid payment has charges with provider references, of exactly what was captured and never more than its amount, and what was charged is paid',
  parts: [paged({ start: nobody, pageRows: 1_000, text: payments })],
};

const charges = `
with page as materialized (
  select *, row_number() over (order by channel_config_id, provider_ref) as n from (
    select *, ${chargeReference('provider_charges')} as reference from provider_charges
    where (channel_config_id, provider_ref) > (substr($1, 1, 36)::uuid, substr($1, 37))
    order by channel_config_id, provider_ref limit $2
  ) c
), booked as (
  select c.*, j.kind, coalesce(t.taken, 0) as taken, coalesce(t.given, 0) as given,
    j.payment_id = c.payment_id and j.mode = m.mode and j.kind = case when c.disposition = 'suspense' then 'suspense_in'
      when c.capture_no > 0 then 'capture' else 'success' end as is_its_own
  from page c left join payments m on m.id = c.payment_id
  left join ledger_journals j on j.reference = c.reference
  left join lateral (
    select sum(l.amount) filter (where a.kind = 'channel_receivable' and a.owner_id = c.channel_config_id and l.amount > 0) as taken,
      -sum(l.amount) filter (where l.amount < 0 and case when c.disposition = 'suspense' then a.kind = 'suspense'
        else a.kind = 'merchant_pending' and a.owner_id = m.merchant_id end) as given
    from unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.currency = c.currency
  ) t on true
), broken as (
  select format('%s was charged %s %s and has no journal', reference, amount, currency) as offender
  from booked where kind is null
  union all
  select format('%s was charged %s %s, its journal says %s %s, and %s of it given on', reference, amount, currency, kind, taken, given)
  from booked where kind is not null and (taken <> amount or given <> amount or is_its_own is not true)
)
${verdict('channel_config_id::text || provider_ref')}`;

export const chargesAreBooked: Invariant = {
  name: 'charges_are_booked',
  promise:
    "every charge at a provider has its journal: of its own payment, exactly its amount, from its channel to its payment's merchant or to suspense",
  parts: [paged({ start: nobody, pageRows: 1_000, text: charges })],
};

const refunds = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, captured, refund_reserved, refunded from payments where id > $1::uuid order by id limit $2
  ) p
), given as (
  select p.*, r.reserved, r.done from page p cross join lateral (
    select coalesce(sum(r.amount) filter (where r.status <> 'failed' and r.reserved_at is not null), 0) as reserved,
      coalesce(sum(r.amount) filter (where r.status = 'succeeded'), 0) as done
    from refunds r where r.payment_id = p.id and r.kind = 'merchant'
  ) r
), of_charges as (
  select p.id, r.charge_ref, sum(r.amount) as reserved, coalesce(min(c.amount), 0) as charged
  from page p join refunds r on r.payment_id = p.id
  left join lateral (
    select sum(c.amount) as amount from provider_charges c
    where c.payment_id = p.id and c.channel_config_id = r.channel_config_id
      and (c.provider_ref = r.charge_ref or (c.attempt_no = r.attempt_no and c.capture_no > 0))
  ) c on true
  where r.status <> 'failed' and r.reserved_at is not null and r.charge_ref is not null
  group by p.id, r.channel_config_id, r.charge_ref
), broken as (
  select format('%s: %s captured, %s reserved and %s refunded; its refunds hold %s and gave back %s',
    ${named}, captured, refund_reserved, refunded, reserved, done) as offender
  from given p where reserved > captured or reserved <> refund_reserved or done <> refunded
  union all
  select format('%s: of the charge %s of %s its refunds hold %s', ${named}, charge_ref, charged, reserved)
  from of_charges p where reserved > charged
)
${verdict('id::text')}`;

export const refundsFit: Invariant = {
  name: 'refunds_fit',
  promise: 'the refunds of a payment, and of each of its charges, are never more than was taken',
  parts: [paged({ start: nobody, pageRows: 1_000, text: refunds })],
};
