import { paged, verdict, type Invariant } from './check';
import { movers } from './movers';
import { chargeReference, nameOf } from './references';

const nobody = '00000000-0000-0000-0000-000000000000';

/** What one exchange journal moved, as seen from the merchant who gives (1) or is given back (-1). */
const share = (reference: string, sign: string) => `
  select ${sign} * coalesce(sum(l.amount) filter (where a.owner_kind = 'merchant' and a.currency = q.source_currency), 0) as source,
    ${sign} * coalesce(-sum(l.amount) filter (where a.owner_kind = 'merchant' and a.currency = q.target_currency), 0) as target,
    ${sign} * coalesce(sum(l.amount) filter (where a.kind = 'fx_clearing' and a.currency = q.target_currency), 0) as worth
  from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  join ledger_accounts a on a.id = l.account_id
  where j.reference = ${reference}`;

// Each charge of a payment with a locked quote has its exchange, of what the merchant had of it and at that quote; each
// refund and dispute that undid a part of it says in its row what its journals moved: there, and back where it came to nothing.
const conversions = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select * from exchange_quotes where payment_id is not null and id > $1::uuid order by id limit $2
  ) q
), moved as (
  select q.id, q.source_currency, q.target_currency, m.reference, m.source, m.target, m.worth, m.says_source, m.says_target, m.says_worth
  from page q cross join lateral (
    select c.reference || ':fx' as reference, fx.*, net.amount as says_source,
      div(net.amount * q.merchant_n, q.merchant_d) as says_target, div(net.amount * q.market_n, q.market_d) as says_worth
    from (
      select ${chargeReference('provider_charges')} as reference from provider_charges
      where payment_id = q.payment_id and disposition = 'payment'
    ) c
    cross join lateral (
      select coalesce(-sum(l.amount), 0) as amount
      from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      join ledger_accounts a on a.id = l.account_id and a.kind = 'merchant_pending'
      where j.reference = c.reference
    ) net
    cross join lateral (${share("c.reference || ':fx'", '1')}) fx
    union all
    select r.reference, fx.*, (r.exchange ->> 'source')::numeric, (r.exchange ->> 'target')::numeric,
      (r.exchange ->> 'worth')::numeric
    from (
      select name || s.step as reference, s.sign, exchange from (
        select ${nameOf('ref', 'id')} as name, exchange, ':release:fx' as undone, status = 'failed' as is_undone from refunds
        where payment_id = q.payment_id and reserved_at is not null and exchange is not null
        union all
        select ${nameOf('dsp', 'id')}, exchange, ':won:fx', status = 'won' from disputes
        where payment_id = q.payment_id and exchange is not null
      ) t cross join lateral (values (':hold:fx', -1), (case when is_undone then undone end, 1)) s (step, sign)
      where s.step is not null
    ) r
    cross join lateral (${share('r.reference', 'r.sign')}) fx
  ) m
), broken as (
  select format('%s exchanged %s %s for %s %s worth %s; it should be %s for %s worth %s',
    reference, source, source_currency, target, target_currency, worth, says_source, says_target, says_worth) as offender
  from moved where (source, target, worth) is distinct from (says_source, says_target, says_worth)
)
${verdict('id::text')}`;

export const conversionsMatch: Invariant = {
  name: 'conversions_match',
  promise:
    'every charge of a payment with a quote was exchanged at that quote, and what was undone is as it was held',
  parts: [paged({ start: nobody, pageRows: 500, text: conversions })],
};

const clearing = movers({
  kinds: ['fx_clearing', 'fx_result'],
  broken: `select distinct format('%s moved %s without a locked quote', reference, account_kind) as offender from moved
  where kind <> 'adjustment'
    and (kind <> 'exchange' or not exists (select from exchange_quotes q where q.payment_id = moved.payment_id))`,
});

export const clearingIsExplained: Invariant = {
  name: 'clearing_is_explained',
  promise: 'what moved FX clearing or its result is an exchange at a locked quote, or an approved adjustment',
  parts: [clearing],
};
