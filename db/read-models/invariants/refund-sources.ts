import { nobody, paged, verdict, type Part } from './check';
import { chargeReference, nameOf, refundReference } from './references';

const name = nameOf('ref', 'r.id');

const steps = `
    select coalesce(sum(s.income) filter (where s.step = 'hold'), 0) as held,
      coalesce(sum(s.income) filter (where s.step = 'done'), 0) as done,
      coalesce(-sum(s.income) filter (where s.step = 'release'), 0) as released,
      coalesce(sum(s.elsewhere), 0) as elsewhere
    from (
      select t.step, coalesce(sum(l.amount) filter (where a.kind = 'fee_income'), 0) as income,
        sum(abs(l.amount)) filter (where a.kind in ('merchant_pending', 'merchant_available') and a.kind <> 'merchant_' || r.taken_from) as elsewhere
      from (values ('hold', ${name} || ':hold'), ('done', ${refundReference('r')}), ('release', ${name} || ':release')) t (step, reference)
      join ledger_journals j on j.reference = t.reference and j.refund_id = r.id
      cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      join ledger_accounts a on a.id = l.account_id and a.currency = r.currency
      group by t.step
    ) s`;

// Out of our fee a refund takes what its row says, and no more than the fee that its money brought; all else is the
// merchant's, of the balance that the row names. An older build gave the fee back when the refund was done and not when
// it was set aside: then the row says nothing of it, or says it since (migration 0041).
const sources = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, payment_id, kind, status, amount, currency, taken_from, fee_set_aside, reserved_at, attempt_no, channel_config_id, charge_ref
    from refunds where id > $1::uuid order by id limit $2
  ) r
), booked as (
  select r.*, ${name} as name, b.* from page r cross join lateral (${steps}
  ) b where r.reserved_at is not null
), moneys as (
  select distinct payment_id, kind, case when kind <> 'merchant' then channel_config_id end as channel_config_id,
    case when kind <> 'merchant' then charge_ref end as charge_ref
  from booked where held + done > 0 or fee_set_aside > 0
), returned as (
  select m.*, f.fee, g.returned from moneys m
  cross join lateral (
    select coalesce(-sum(l.amount), 0) as fee from provider_charges c
    join ledger_journals j on j.reference = ${chargeReference('c')} || case when m.kind = 'merchant' then '' else ':accepted' end
    cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.kind = 'fee_income'
    where c.payment_id = m.payment_id and case when m.kind = 'merchant' then c.disposition = 'payment'
      else c.channel_config_id = m.channel_config_id and c.provider_ref = m.charge_ref end
  ) f
  cross join lateral (
    select coalesce(sum(r.fee_set_aside), 0) as returned from refunds r
    where r.payment_id = m.payment_id and r.kind = m.kind and r.status <> 'failed' and r.reserved_at is not null
      and (m.kind = 'merchant' or (r.channel_config_id = m.channel_config_id and r.charge_ref = m.charge_ref))
  ) g
), broken as (
  select format('%s takes from the %s balance, its journals move %s of another', name, taken_from, elsewhere) as offender
  from booked where elsewhere <> 0
  union all
  select format('%s is %s and takes %s of our fee, its journals %s when it was set aside, %s when it was done, and %s back',
    name, status, coalesce(fee_set_aside::text, 'nothing yet'), held, done, released)
  from booked where case
    when status = 'succeeded' and fee_set_aside is not null then least(amount, held + done) <> fee_set_aside
    else held <> coalesce(fee_set_aside, 0) end
    or released <> case when status = 'failed' then held else 0 end
  union all
  select format('%s: its refunds take %s of a fee of %s', ${nameOf('pay', 'm.payment_id')}, m.returned, m.fee) from returned m
  where m.returned > m.fee
  union all
  select format('%s takes %s of a fee of %s', b.name, b.done, m.fee) from booked b
  join returned m on m.payment_id = b.payment_id and m.kind = b.kind and b.kind = 'merchant'
  where b.fee_set_aside is null and b.done + m.returned > m.fee
)
${verdict('id::text')}`;

/** Who bore what was refunded. */
export const refundSources: Part = paged({ start: nobody, pageRows: 1_000, text: sources });
