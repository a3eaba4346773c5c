import { madeUpStep } from '../../../domain/ledger/movable-accounts';
import { paged, verdict, type Invariant } from './check';
import { chargeReference, nameOf, refundReference } from './references';

/** Whether the journal of that name took a fee: without one there is nothing of it to exchange. */
const tookFee = (reference: string) => `exists (
              select from ledger_journals f cross join lateral unnest(f.account_ids) l (account_id)
              join ledger_accounts a on a.id = l.account_id and a.kind = 'fee_income' where f.reference = ${reference})`;

// As many as there are steps that exchange: those that the conversions are held against, and no others.
const exchangesOfRefund = `
          select from refunds r where r.id = j.refund_id and r.payment_id = j.payment_id and r.mode = j.mode and r.kind = 'merchant'
            and r.reserved_at is not null and j.dispute_id is null and j.reference in (
              case when r.exchange is not null then ${nameOf('ref', 'r.id')} || ':hold:fx' end,
              case when r.exchange is not null and r.status = 'failed' then ${nameOf('ref', 'r.id')} || ':release:fx' end,
              case when r.status = 'succeeded' and ${tookFee(`${nameOf('ref', 'r.id')} || ':fee'`)}
                then ${nameOf('ref', 'r.id')} || ':fee:fx' end)`;
const exchangesOfDispute = `
          select from disputes d where d.id = j.dispute_id and d.payment_id = j.payment_id and d.mode = j.mode
            and d.exchange is not null and d.taken_from is not null and j.reference in (
              ${nameOf('dsp', 'd.id')} || ':hold:fx',
              case d.status when 'won' then ${nameOf('dsp', 'd.id')} || ':won:fx' end,
              case when d.status = 'lost' and ${tookFee(`${nameOf('dsp', 'd.id')} || ':lost'`)}
                then ${nameOf('dsp', 'd.id')} || ':fee:fx' end)`;

// The other way round than by charges, refunds and disputes: whatever stands in the book has happened, or money would
// come from nothing. That it moved the right amount is told there. An exchange is of a payment with a locked quote, and
// goes with the step that it is made for.
const causes = `
with page as materialized (
  select *, row_number() over (order by tx, id) as n from (
    select tx, id, reference, kind, mode, account_ids, payment_id, refund_id, dispute_id from ledger_journals
    where (tx, id) > (split_part($1, '/', 1)::xid8, split_part($1, '/', 2)::bigint)
    order by tx, id limit $2
  ) j
), broken as (
  select format('%s: nothing is known that its %s would be of', reference, kind) as offender
  from page j where not case
    when kind in ('success', 'capture', 'suspense_in') then exists (
      select from provider_charges c where c.payment_id = j.payment_id and ${chargeReference('c')} = j.reference)
    when kind = 'suspense_accepted' then exists (
      select from provider_charges c where c.payment_id = j.payment_id and c.disposition = 'suspense'
        and c.decision = 'accept' and c.resolved_at is not null and ${chargeReference('c')} || ':accepted' = j.reference)
    when kind in ('refund_hold', 'refund', 'refund_release', 'suspense_refunded') then exists (
      select from refunds r where r.id = j.refund_id and r.payment_id = j.payment_id and r.mode = j.mode
        and (r.kind = 'late_money') = (j.kind = 'suspense_refunded') and r.reserved_at is not null and case j.kind
          when 'refund_hold' then ${nameOf('ref', 'r.id')} || ':hold' = j.reference
          when 'refund_release' then r.status = 'failed' and ${nameOf('ref', 'r.id')} || ':release' = j.reference
          else r.status = 'succeeded' and ${refundReference('r')} = j.reference end)
    when kind = 'fee' then exists (
      select from refunds r where r.payment_id = j.payment_id and r.mode = j.mode and r.status = 'succeeded'
        and r.kind <> 'late_money' and ${nameOf('ref', 'r.id')} || ':fee' = j.reference)
    when kind like 'dispute\\_%' then exists (
      select from disputes d where d.id = j.dispute_id and d.payment_id = j.payment_id and d.mode = j.mode and case j.kind
        when 'dispute_hold' then d.taken_from is not null and ${nameOf('dsp', 'd.id')} || ':hold' = j.reference
        when 'dispute_won' then d.taken_from is not null and d.status = 'won' and ${nameOf('dsp', 'd.id')} || ':won' = j.reference
        else d.status = 'lost' and j.reference in (${nameOf('dsp', 'd.id')} || ':lost', ${nameOf('dsp', 'd.id')} || ':${madeUpStep}') end)
    when kind = 'exchange' then exists (
      select from exchange_quotes q where q.payment_id = j.payment_id and q.mode = j.mode) and case
        when j.refund_id is not null then exists (${exchangesOfRefund})
        when j.dispute_id is not null then exists (${exchangesOfDispute})
        else exists (
          select from provider_charges c where c.payment_id = j.payment_id and c.disposition = 'payment'
            and ${chargeReference('c')} || ':fx' = j.reference) end
    when kind = 'adjustment' then cardinality(j.account_ids) = 2 and exists (
      select from ledger_adjustments r where r.status = 'approved' and r.mode = j.mode and ${nameOf('adj', 'r.id')} = j.reference)
    else false end
)
${verdict("tx::text || '/' || id::text")}`;

export const journalsHaveCauses: Invariant = {
  name: 'journals_have_causes',
  promise:
    'every journal is of a charge, a refund, a dispute or a correction that is known and stands as the journal says',
  parts: [paged({ start: '0/-1', pageRows: 1_000, text: causes })],
};
