import { nobody, paged, verdict, type Invariant } from './check';
import { movers } from './movers';
import { chargeReference, nameOf } from './references';

// All that lies there is some charge that waits for a decision, or for its decision to be carried out; and what two
// people put there or took from there, which is of no payment.
const suspense = `
with booked as (
  select mode, currency, -ledger_balance(id) as amount from ledger_accounts where kind = 'suspense'
), waiting as (
  select p.mode, c.currency, sum(c.amount - c.lost) as amount, count(*) as charges
  from provider_charges c join payments p on p.id = c.payment_id
  where c.disposition = 'suspense' and c.resolved_at is null group by p.mode, c.currency
), corrected as (
  select mode, currency, sum(amount) as amount from ledger_adjustments
  where kind = 'suspense' and status = 'approved' group by mode, currency
), compared as (
  select mode, currency, coalesce(b.amount, 0) as booked, coalesce(w.amount, 0) + coalesce(c.amount, 0) as waiting,
    coalesce(w.charges, 0) as charges
  from booked b full join waiting w using (mode, currency) full join corrected c using (mode, currency)
)
select coalesce(sum(charges), 0)::bigint as checked,
  coalesce(array_agg(format('%s %s in suspense is %s, explained are %s', mode, currency, booked, waiting)
    order by mode, currency) filter (where booked <> waiting), '{}') as offenders
from compared`;

// The same of each payment: what its journals left in suspense is its charges that wait. Its journals are those under
// its own references, and those of its refunds and disputes. And where that is right, of each channel that it was charged
// on: what is short of one may lie with another. A channel's journals are those of its charges, there and back, and of
// its disputes.
const ofPayments = `
with page as materialized (
  select *, row_number() over (order by channel_config_id, provider_ref) as n from (
    select channel_config_id, provider_ref, payment_id, disposition from provider_charges
    where (channel_config_id, provider_ref) > (substr($1, 1, 36)::uuid, substr($1, 37))
    order by channel_config_id, provider_ref limit $2
  ) c
), held as (
  select c.payment_id, 'pay_' || replace(c.payment_id::text, '-', '') as name, c.currency,
    coalesce(sum(c.amount - c.lost) filter (where c.resolved_at is null), 0) as waiting
  from provider_charges c
  where c.disposition = 'suspense' and c.payment_id in (select payment_id from page where disposition = 'suspense')
  group by c.payment_id, c.currency
), compared as (
  select h.*, (
    select coalesce(-sum(l.amount), 0)
    from (
      select account_ids, amounts from ledger_journals
      where reference >= h.name || '-' and reference < h.name || '.'
      union all
      select account_ids, amounts from ledger_journals
      where payment_id = h.payment_id and reference not like 'pay\\_%'
    ) j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.kind = 'suspense' and a.currency = h.currency
  ) as booked
  from held h
), of_channels as (
  select h.name, h.currency, c.*, (
    select coalesce(-sum(l.amount), 0)
    from (
      select j.account_ids, j.amounts from provider_charges o
      cross join lateral (values (''), (':accepted'), (':returned')) s (step)
      join ledger_journals j on j.reference = ${chargeReference('o')} || s.step
      where o.payment_id = h.payment_id and o.channel_config_id = c.channel_config_id
        and o.currency = h.currency and o.disposition = 'suspense'
      union all
      select j.account_ids, j.amounts from disputes d
      join ledger_journals j on j.reference >= ${nameOf('dsp', 'd.id')} || ':' and j.reference < ${nameOf('dsp', 'd.id')} || ';'
      where d.payment_id = h.payment_id and d.channel_config_id = c.channel_config_id
    ) j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.kind = 'suspense' and a.currency = h.currency
  ) as booked
  from compared h cross join lateral (
    select channel_config_id, coalesce(sum(c.amount - c.lost) filter (where c.resolved_at is null), 0) as waiting
    from provider_charges c
    where c.payment_id = h.payment_id and c.currency = h.currency and c.disposition = 'suspense'
    group by c.channel_config_id
  ) c
  where h.booked = h.waiting
), broken as (
  select format('%s: %s %s in suspense, %s of its charges wait', name, booked, currency, waiting) as offender
  from compared where booked <> waiting
  union all
  select format('%s: %s %s of the channel %s in suspense, %s of its charges there wait', name, booked, currency,
    ${nameOf('chc', 'channel_config_id')}, waiting)
  from of_channels where booked <> waiting
)
${verdict('channel_config_id::text || provider_ref')}`;

// What charges and disputes are held against is their own journals: a line in any other could make up for what they lack.
const strangers = movers({
  kinds: ['suspense'],
  broken: `select format('%s moved suspense by %s, which no %s does', reference, amount, kind) as offender from moved
  where kind not in ('suspense_in', 'suspense_accepted', 'suspense_refunded', 'dispute_lost', 'adjustment')`,
});

export const suspenseIsExplained: Invariant = {
  name: 'suspense_is_explained',
  promise:
    'all money in suspense is charges that wait for a decision, less what disputes took of them, in each currency, of each payment and of each channel of it; or an approved adjustment',
  parts: [
    async function* (database) {
      const { rows } = await database.query<{ checked: bigint; offenders: string[] }>(suspense);
      for (const { checked, offenders } of rows) yield { checked: Number(checked), offenders };
    },
    paged({ start: nobody, pageRows: 1_000, text: ofPayments }),
    strangers,
  ],
};
