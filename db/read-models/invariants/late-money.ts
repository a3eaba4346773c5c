import { nobody, paged, verdict, type Invariant } from './check';
import { chargeReference } from './references';

// Only what came late and was accepted is the merchant's beside a payment, and can be refunded as such.
const accepted = `
with page as materialized (
  select *, row_number() over (order by channel_config_id, provider_ref) as n from (
    select *, ${chargeReference('provider_charges')} as reference,
      case when decision = 'accept' and resolved_at is not null then amount - lost else 0 end as accepted
    from provider_charges
    where (channel_config_id, provider_ref) > (substr($1, 1, 36)::uuid, substr($1, 37))
    order by channel_config_id, provider_ref limit $2
  ) c
), given as (
  select p.*, m.merchant_id, r.reserved, j.id is not null as is_booked, coalesce(t.taken, 0) as taken, coalesce(t.given, 0) as given
  from page p left join payments m on m.id = p.payment_id
  cross join lateral (
    select coalesce(sum(r.amount), 0) as reserved from refunds r
    where r.payment_id = p.payment_id and r.kind = 'accepted_money' and r.status <> 'failed' and r.reserved_at is not null
      and r.channel_config_id = p.channel_config_id and r.charge_ref = p.provider_ref
  ) r
  left join ledger_journals j on j.reference = p.reference || ':accepted'
  left join lateral (
    select sum(l.amount) filter (where a.kind = 'suspense') as taken,
      -sum(l.amount) filter (where a.kind = 'merchant_pending' and a.owner_id = m.merchant_id and l.amount < 0) as given
    from unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.currency = p.currency and a.mode = m.mode
  ) t on true
), broken as (
  select format('%s: %s accepted, its refunds hold or gave back %s', reference, accepted, reserved) as offender
  from given where reserved > accepted
  union all
  select format('%s was accepted and has no journal', reference) from given where accepted > 0 and not is_booked
  union all
  select format('%s: %s accepted, its journal took %s out of suspense and gave the merchant %s', reference, accepted, taken, given)
  from given where is_booked and (taken <> accepted or given <> accepted)
)
${verdict('channel_config_id::text || provider_ref')}`;

export const lateMoneyFits: Invariant = {
  name: 'late_money_fits',
  promise: 'late money that was accepted is booked, and its refunds are never more than that',
  parts: [paged({ start: nobody, pageRows: 1_000, text: accepted })],
};
