import { nobody, paged, verdict, type Invariant } from './check';
import { movers } from './movers';
import { chargeReference, nameOf } from './references';

/**
 * What one exchange journal moved, as seen from the merchant who gives (1) or is given back (-1): on one balance. What it
 * moved of the merchant's besides, on another balance or there and back, is no exchange.
 */
const share = (reference: string, sign: string, balance = "'pending'") => `
  select m.*, m.moved - abs(m.source) - abs(m.target) as besides from (
    select ${sign} * coalesce(sum(l.amount) filter (where a.kind = 'merchant_' || ${balance} and a.currency = q.source_currency), 0) as source,
      ${sign} * coalesce(-sum(l.amount) filter (where a.kind = 'merchant_' || ${balance} and a.currency = q.target_currency), 0) as target,
      ${sign} * coalesce(sum(l.amount) filter (where a.kind = 'fx_clearing' and a.currency = q.target_currency), 0) as worth,
      coalesce(sum(abs(l.amount)) filter (where a.owner_kind = 'merchant'), 0) as moved
    from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id
    where j.reference = ${reference}
  ) m`;

// Each charge of a payment with a locked quote has its exchange, of what the merchant had of it and at that quote; each
// refund and dispute that undid a part of it says in its row what its journals moved: there, and back where it came to
// nothing. A fee that came later is exchanged at the market's rate, rounded up.
const steps = `
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
    select r.reference, fx.*, r.source, (r.exchange ->> 'target')::numeric, (r.exchange ->> 'worth')::numeric
    from (
      select name || s.step as reference, s.sign, source, exchange, taken_from from (
        select ${nameOf('ref', 'id')} as name, amount - coalesce(fee_set_aside, 0) as source, exchange, taken_from,
          ':release:fx' as undone, status = 'failed' as is_undone
        from refunds where payment_id = q.payment_id and reserved_at is not null and exchange is not null
        union all
        select ${nameOf('dsp', 'id')}, amount, exchange, taken_from, ':won:fx', status = 'won' from disputes
        where payment_id = q.payment_id and exchange is not null
      ) t cross join lateral (values (':hold:fx', -1), (case when is_undone then undone end, 1)) s (step, sign)
      where s.step is not null
    ) r
    cross join lateral (${share('r.reference', 'r.sign', 'r.taken_from')}) fx
    union all
    select f.name || ':fee:fx', fx.*, fee.amount, due.amount, due.amount
    from (
      select ${nameOf('ref', 'id')} as name, ':fee' as step from refunds
      where payment_id = q.payment_id and kind = 'merchant' and status = 'succeeded'
      union all
      select ${nameOf('dsp', 'id')}, ':lost' from disputes
      where payment_id = q.payment_id and exchange is not null and status = 'lost'
    ) f
    cross join lateral (
      select coalesce(-sum(l.amount), 0) as amount
      from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      join ledger_accounts a on a.id = l.account_id and a.kind = 'fee_income'
      where j.reference = f.name || f.step
    ) fee
    cross join lateral (
      select div(fee.amount * q.market_n + q.market_d - 1, q.market_d) as amount
    ) due
    cross join lateral (${share("f.name || ':fee:fx'", '-1')}) fx`;

// A part is reckoned from the sums before and after it, so it is a little off its rate: by less than what rounding makes
// of each charge and each part. Where fees leave a charge next to nothing, rounding that weighs more in what is disputed.
const parts = `
select t.name || ':hold:fx' as reference, (t.exchange ->> 'source')::numeric as source, (t.exchange ->> 'target')::numeric as target,
  (t.exchange ->> 'worth')::numeric as worth, (count(*) over () + 1) * (sum((t.exchange ->> 'source')::numeric) over () / least_net.amount + 2) as slack
from (
  select ${nameOf('ref', 'id')} as name, exchange from refunds
  where payment_id = q.payment_id and reserved_at is not null and exchange is not null
  union all
  select ${nameOf('dsp', 'id')}, exchange from disputes where payment_id = q.payment_id and exchange is not null
) t cross join lateral (
  select coalesce(min(net.amount) filter (where net.amount > 0), 1) as amount
  from provider_charges c
  cross join lateral (
    select -sum(l.amount) as amount
    from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.kind = 'merchant_pending'
    where j.reference = ${chargeReference('c')}
  ) net
  where c.payment_id = q.payment_id and c.disposition = 'payment'
) least_net`;

const conversions = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select * from exchange_quotes where payment_id is not null and id > $1::uuid order by id limit $2
  ) q
), moved as (
  select q.id, q.source_currency, q.target_currency, m.reference, m.source, m.target, m.worth, m.besides, m.says_source, m.says_target, m.says_worth
  from page q cross join lateral (${steps}
  ) m
), broken as (
  select format('%s exchanged %s %s for %s %s worth %s; it should be %s for %s worth %s',
    reference, source, source_currency, target, target_currency, worth, says_source, says_target, says_worth) as offender
  from moved where (source, target, worth) is distinct from (says_source, says_target, says_worth)
  union all
  select format('%s moves %s of the merchant besides what it exchanges', reference, besides) from moved where besides <> 0
  union all
  select format('%s says %s %s for %s %s worth %s, which is not the rate of its quote',
    p.reference, p.source, q.source_currency, p.target, q.target_currency, p.worth)
  from page q cross join lateral (${parts}) p
  where abs(p.target * q.merchant_d - p.source * q.merchant_n) > p.slack * q.merchant_d
    or abs(p.worth * q.market_d - p.source * q.market_n) > p.slack * q.market_d
  union all
  select format('qte_%s is of %s %s for %s in %s, and locked to %s of %s %s for %s in %s', replace(q.id::text, '-', ''),
    q.source_amount, q.source_currency, ${nameOf('mer', 'q.merchant_id')}, q.mode, ${nameOf('pay', 'q.payment_id')},
    p.amount, p.currency, ${nameOf('mer', 'p.merchant_id')}, p.mode)
  from page q left join payments p on p.id = q.payment_id
  where (q.source_amount, q.source_currency, q.merchant_id, q.mode) is distinct from (p.amount, p.currency, p.merchant_id, p.mode)
)
${verdict('id::text')}`;

export const conversionsMatch: Invariant = {
  name: 'conversions_match',
  promise:
    'every locked quote is of its payment; every charge of a payment with a quote was exchanged at that quote, every fee at its market rate, and what was undone is at its rate and as it was held, each on one balance',
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
