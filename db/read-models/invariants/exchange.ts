import { paged, verdict, type Invariant } from './check';

const nobody = '00000000-0000-0000-0000-000000000000';
const afterAllBlocks = (2n ** 64n - 1n).toString();

/** What one exchange journal moved, as seen from the merchant who gives (1) or is given back (-1). */
const share = (reference: string, sign: 1 | -1) => `
  select ${sign} * coalesce(sum(l.amount) filter (where a.owner_kind = 'merchant' and a.currency = q.source_currency), 0) as source,
    ${sign} * coalesce(-sum(l.amount) filter (where a.owner_kind = 'merchant' and a.currency = q.target_currency), 0) as target,
    ${sign} * coalesce(sum(l.amount) filter (where a.kind = 'fx_clearing' and a.currency = q.target_currency), 0) as worth
  from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  join ledger_accounts a on a.id = l.account_id
  where j.reference = ${reference}`;

// Each charge of a payment with a locked quote has its exchange, of what the merchant had of it and at that quote; each
// refund that undid a part of it says in its row what its journal moved.
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
      select 'pay_' || replace(payment_id::text, '-', '') || '-' || attempt_no
        || case when capture_no > 0 then '.c' || capture_no else '' end as reference
      from provider_charges where payment_id = q.payment_id and disposition = 'payment'
    ) c
    cross join lateral (
      select coalesce(-sum(l.amount), 0) as amount
      from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      join ledger_accounts a on a.id = l.account_id and a.kind = 'merchant_pending'
      where j.reference = c.reference
    ) net
    cross join lateral (${share("c.reference || ':fx'", 1)}) fx
    union all
    select r.reference || ':hold:fx', fx.*, (exchange ->> 'source')::numeric, (exchange ->> 'target')::numeric,
      (exchange ->> 'worth')::numeric
    from (
      select 'ref_' || replace(id::text, '-', '') as reference, exchange from refunds
      where payment_id = q.payment_id and reserved_at is not null and exchange is not null
    ) r
    cross join lateral (${share("r.reference || ':hold:fx'", -1)}) fx
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

// What the accounts list of each block, and then what no block has yet.
const clearing = `
with accounts as materialized (
  select id, kind from ledger_accounts where kind in ('fx_clearing', 'fx_result')
), page as materialized (
  select *, row_number() over (order by account_id, tx_until) as n from (
    (select account_id, tx_until, txs from ledger_account_blocks
     where account_id = any (array(select id from accounts))
       and (account_id, tx_until) > (split_part($1, '/', 1)::uuid, split_part($1, '/', 2)::xid8)
     order by account_id, tx_until limit $2)
    union all
    select l.account_id, '${afterAllBlocks}'::xid8, array_agg(j.tx)
    from ledger_journals j cross join lateral unnest(j.account_ids) l (account_id) join accounts a on a.id = l.account_id
    where j.tx >= ledger_sealed_until()
      and (l.account_id, '${afterAllBlocks}'::xid8) > (split_part($1, '/', 1)::uuid, split_part($1, '/', 2)::xid8)
    group by l.account_id
    order by account_id, tx_until limit $2
  ) p
), broken as (
  select distinct format('%s moved %s without a locked quote', j.reference, a.kind) as offender
  from page p join accounts a on a.id = p.account_id
  cross join lateral (select distinct unnest(p.txs) as tx) t
  join ledger_journals j on j.tx = t.tx and p.account_id = any (j.account_ids)
  where j.kind <> 'adjustment'
    and (j.kind <> 'exchange' or not exists (select from exchange_quotes q where q.payment_id = j.payment_id))
)
${verdict("account_id::text || '/' || tx_until::text")}`;

export const clearingIsExplained: Invariant = {
  name: 'clearing_is_explained',
  promise: 'what moved FX clearing or its result is an exchange at a locked quote, or an approved adjustment',
  parts: [paged({ start: `${nobody}/0`, pageRows: 10, text: clearing })],
};
