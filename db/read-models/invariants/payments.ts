import { paged, verdict, type Invariant } from './check';

const nobody = '00000000-0000-0000-0000-000000000000';
const named = "'pay_' || replace(p.id::text, '-', '')";

const payments = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, status, amount, currency, captured, attempt_no from payments
    where id > $1::uuid order by id limit $2
  ) p
), paid as (
  select p.*, ${named} as name, coalesce(c.amount, 0) as charged, coalesce(c.same_currency, true) as same_currency
  from page p left join lateral (
    select sum(amount) as amount, bool_and(c.currency = p.currency and c.provider_ref <> '') as same_currency
    from provider_charges c where c.payment_id = p.id and c.disposition = 'payment'
  ) c on true
), broken as (
  select format('%s is %s without a charge that names its provider reference', name, status) as offender from paid
  where charged = 0 and (captured > 0 or status in ('succeeded', 'partially_refunded', 'refunded', 'disputed'))
  union all
  select format('%s is %s with %s captured and %s charged', name, status, captured, charged) from paid
  where charged > 0 and (captured <> charged or not same_currency)
)
${verdict('id::text')}`;

export const paidIsCharged: Invariant = {
  name: 'paid_is_charged',
  promise: 'every paid payment has charges with provider references, of exactly what was captured',
  parts: [paged({ start: nobody, pageRows: 1_000, text: payments })],
};

// A charge is booked under the reference it has at the provider; late money with the provider's number behind it.
const charges = `
with page as materialized (
  select *, row_number() over (order by channel_config_id, provider_ref) as n from (
    select *, 'pay_' || replace(payment_id::text, '-', '') || '-' || attempt_no
        || case when disposition = 'suspense' then ':' || provider_ref
             when capture_no > 0 then '.c' || capture_no else '' end as reference
    from provider_charges
    where (channel_config_id, provider_ref) > (substr($1, 1, 36)::uuid, substr($1, 37))
    order by channel_config_id, provider_ref limit $2
  ) c
), booked as (
  select p.*, j.kind, (
    select sum(l.amount) from unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id
    where a.kind = 'channel_receivable' and a.currency = p.currency and l.amount > 0
  ) as taken
  from page p left join ledger_journals j on j.reference = p.reference
), broken as (
  select format('%s was charged %s %s and has no journal', reference, amount, currency) as offender
  from booked where kind is null
  union all
  select format('%s was charged %s %s, its journal says %s %s', reference, amount, currency, kind, coalesce(taken, 0))
  from booked where kind is not null
    and (taken is distinct from amount or (kind = 'suspense_in') <> (disposition = 'suspense'))
)
${verdict('channel_config_id::text || provider_ref')}`;

export const chargesAreBooked: Invariant = {
  name: 'charges_are_booked',
  promise: 'every charge at a provider has its journal, of its own amount',
  parts: [paged({ start: nobody, pageRows: 1_000, text: charges })],
};

const refunds = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, captured, refund_reserved, refunded from payments where id > $1::uuid order by id limit $2
  ) p
), given as (
  select p.*, r.reserved, r.done, r.unbooked from page p cross join lateral (
    select coalesce(sum(r.amount) filter (where r.status <> 'failed' and r.reserved_at is not null), 0) as reserved,
      coalesce(sum(r.amount) filter (where r.status = 'succeeded'), 0) as done,
      min('ref_' || replace(r.id::text, '-', '')) filter (where r.status = 'succeeded'
        and not exists (select from ledger_journals j where j.reference = 'ref_' || replace(r.id::text, '-', ''))) as unbooked
    from refunds r where r.payment_id = p.id and r.kind = 'merchant'
  ) r
), broken as (
  select format('%s: %s captured, %s reserved and %s refunded; its refunds hold %s and gave back %s',
    ${named}, captured, refund_reserved, refunded, reserved, done) as offender
  from given p where reserved > captured or reserved <> refund_reserved or done <> refunded
  union all
  select format('%s succeeded and has no journal', unbooked) from given where unbooked is not null
)
${verdict('id::text')}`;

export const refundsFit: Invariant = {
  name: 'refunds_fit',
  promise: 'the refunds of a payment are never more than was captured, and each that was made is booked',
  parts: [paged({ start: nobody, pageRows: 1_000, text: refunds })],
};

// All that lies there is some charge that waits for a decision, or for its decision to be carried out.
const suspense = `
with booked as (
  select mode, currency, -ledger_balance(id) as amount from ledger_accounts where kind = 'suspense'
), waiting as (
  select p.mode, c.currency, sum(c.amount - c.lost) as amount, count(*) as charges
  from provider_charges c join payments p on p.id = c.payment_id
  where c.disposition = 'suspense' and c.resolved_at is null group by p.mode, c.currency
), compared as (
  select mode, currency, coalesce(b.amount, 0) as booked, coalesce(w.amount, 0) as waiting, coalesce(w.charges, 0) as charges
  from booked b full join waiting w using (mode, currency)
)
select coalesce(sum(charges), 0)::bigint as checked,
  coalesce(array_agg(format('%s %s in suspense is %s, explained are %s', mode, currency, booked, waiting)
    order by mode, currency) filter (where booked <> waiting), '{}') as offenders
from compared`;

export const suspenseIsExplained: Invariant = {
  name: 'suspense_is_explained',
  promise: 'all money in suspense is charges that wait for a decision, less what disputes took of them',
  parts: [
    async function* (database) {
      const { rows } = await database.query<{ checked: bigint; offenders: string[] }>(suspense);
      for (const { checked, offenders } of rows) yield { checked: Number(checked), offenders };
    },
  ],
};
