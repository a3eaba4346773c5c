import { madeUpStep, movableAccounts } from '../../../domain/ledger/movable-accounts';
import { paged, verdict, type Invariant } from './check';
import { chargeReference, nameOf } from './references';

const movable = Object.entries(movableAccounts).flatMap(([bookedAs, accounts]) =>
  Object.entries(accounts).map(([account, side]) => `('${bookedAs}', '${account}', '${side}')`),
);

// Whose the accounts are follows from what the journal is of. Where that is not known the journal has no cause, which is
// told there: then only the kinds of its accounts are looked at.
const lines = `
with movable (booked_as, account_kind, side) as (values ${movable.join(', ')}), page as materialized (
  select *, row_number() over (order by tx, id) as n from (
    select tx, id, reference, kind, mode, account_ids, amounts, payment_id, refund_id, dispute_id from ledger_journals
    where (tx, id) > (split_part($1, '/', 1)::xid8, split_part($1, '/', 2)::bigint)
    order by tx, id limit $2
  ) j
), owned as (
  select j.*, p.merchant_id, o.channel_config_id, coalesce(q.source_currency, o.currency) as currency, q.target_currency,
    case when j.kind = 'dispute_lost' and j.reference ~ ':${madeUpStep}$' then 'dispute_made_up' else j.kind end as booked_as
  from page j left join payments p on p.id = j.payment_id
  left join exchange_quotes q on q.payment_id = j.payment_id and j.kind = 'exchange'
  left join lateral (
    select c.channel_config_id, c.currency from provider_charges c
    where c.payment_id = j.payment_id and j.kind in ('success', 'capture', 'suspense_in', 'suspense_accepted')
      and ${chargeReference('c')} || case when j.kind = 'suspense_accepted' then ':accepted' else '' end = j.reference
    union all
    select r.channel_config_id, r.currency from refunds r
    where r.id = j.refund_id and j.kind in ('refund_hold', 'refund', 'refund_release', 'suspense_refunded')
    union all
    select r.channel_config_id, r.currency from refunds r
    where r.payment_id = j.payment_id and j.kind = 'fee' and ${nameOf('ref', 'r.id')} || ':fee' = j.reference
    union all
    select d.channel_config_id, d.currency from disputes d where d.id = j.dispute_id and j.kind like 'dispute\\_%'
    limit 1
  ) o on true
), lines as materialized (
  select o.*, l.amount, a.kind as account_kind, a.mode as account_mode, a.currency as account_currency, a.owner_kind, a.owner_id
  from owned o cross join lateral unnest(o.account_ids, o.amounts) l (account_id, amount)
  join ledger_accounts a on a.id = l.account_id
), broken as (
  select format('%s: its %s has a %s of %s on the %s %s %s%s, which it may not move', reference, kind,
    case when amount > 0 then 'debit' else 'credit' end, abs(amount), account_mode, account_currency, account_kind,
    case owner_kind when 'platform' then '' else ' of ' || owner_kind || ' ' || owner_id end) as offender
  from lines l where account_mode <> mode
    or not exists (select from movable m where m.booked_as = l.booked_as and m.account_kind = l.account_kind
      and m.side in ('either', case when l.amount > 0 then 'debit' else 'credit' end))
    or (owner_kind = 'merchant' and owner_id <> merchant_id)
    or (owner_kind = 'channel' and owner_id <> channel_config_id)
    or (account_currency <> currency and account_currency is distinct from target_currency)
    or (account_kind = 'fx_result' and account_currency <> target_currency)
  union all
  select format('%s: its %s takes %s from the merchant for a fee of %s', reference, kind, taken, fee)
  from (
    select reference, kind, coalesce(sum(amount) filter (where account_kind = 'merchant_pending' and amount > 0), 0) as taken,
      coalesce(-sum(amount) filter (where account_kind = 'fee_income'), 0) as fee
    from lines where kind in ('success', 'capture', 'suspense_accepted') group by tx, id, reference, kind
  ) f where taken <> fee
)
${verdict("tx::text || '/' || id::text")}`;

export const counterpartiesFit: Invariant = {
  name: 'counterparties_fit',
  promise:
    "every journal moves only accounts that one of its kind may: its payment's merchant's, those of the channel that the money came through and the platform's, in the currency of what it is of",
  parts: [paged({ start: '0/-1', pageRows: 1_000, text: lines })],
};
