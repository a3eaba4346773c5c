import { paged, verdict, type Invariant } from './check';

const nobody = '00000000-0000-0000-0000-000000000000';

// Only what came late and was accepted is the merchant's beside a payment, and can be refunded as such.
const accepted = `
with page as materialized (
  select *, row_number() over (order by channel_config_id, provider_ref) as n from (
    select *, 'pay_' || replace(payment_id::text, '-', '') || '-' || attempt_no || ':' || provider_ref as reference,
      case when decision = 'accept' and resolved_at is not null then amount - lost else 0 end as accepted
    from provider_charges
    where (channel_config_id, provider_ref) > (substr($1, 1, 36)::uuid, substr($1, 37))
    order by channel_config_id, provider_ref limit $2
  ) c
), given as (
  select p.*, r.reserved, r.unbooked from page p cross join lateral (
    select coalesce(sum(r.amount) filter (where r.status <> 'failed' and r.reserved_at is not null), 0) as reserved,
      min('ref_' || replace(r.id::text, '-', '')) filter (where r.status = 'succeeded'
        and not exists (select from ledger_journals j where j.reference = 'ref_' || replace(r.id::text, '-', ''))) as unbooked
    from refunds r where r.payment_id = p.payment_id and r.kind = 'accepted_money'
      and r.channel_config_id = p.channel_config_id and r.charge_ref = p.provider_ref
  ) r
), broken as (
  select format('%s: %s accepted, its refunds hold or gave back %s', reference, accepted, reserved) as offender
  from given where reserved > accepted
  union all
  select format('%s succeeded and has no journal', unbooked) from given where unbooked is not null
  union all
  select format('%s was accepted and has no journal', reference) from given p
  where accepted > 0 and not exists (select from ledger_journals j where j.reference = p.reference || ':accepted')
)
${verdict('channel_config_id::text || provider_ref')}`;

export const lateMoneyFits: Invariant = {
  name: 'late_money_fits',
  promise: 'late money that was accepted is booked, and so are its refunds, which are never more than that',
  parts: [paged({ start: nobody, pageRows: 1_000, text: accepted })],
};
