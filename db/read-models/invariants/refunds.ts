import { nobody, paged, verdict, type Invariant } from './check';
import { paymentStandings } from './payment-standing';
import { refundSources } from './refund-sources';
import { nameOf, refundReference } from './references';

const name = nameOf('ref', 'r.id');

// What a refund moved is told by its own journals: into the merchant's held and out of it, or out of suspense. Late money
// that could not be given back may be by another refund, whose journal has the same name. It leaves the channel that it
// came through, and no other.
const refunds = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, payment_id, merchant_id, mode, amount, currency, kind, status, attempt_no, channel_config_id, charge_ref, reserved_at
    from refunds where id > $1::uuid order by id limit $2
  ) r
), steps as (
  select r.id, ${name} as name, r.status, r.amount, r.currency, s.step, s.is_due, j.id is not null as is_booked, (
    select s.sign * coalesce(sum(l.amount), 0) from unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.currency = r.currency and a.mode = r.mode
    where case when r.kind = 'late_money' then a.kind = 'suspense' else a.kind = 'merchant_held' and a.owner_id = r.merchant_id end
  ) as moved, (
    select coalesce(-sum(l.amount) filter (where a.kind = 'channel_receivable' and a.owner_id = r.channel_config_id), 0)
      - coalesce(sum(l.amount) filter (where a.kind = 'channel_cost'), 0)
    from unnest(j.account_ids, j.amounts) l (account_id, amount)
    join ledger_accounts a on a.id = l.account_id and a.currency = r.currency and a.mode = r.mode
  ) as left_channel
  from page r cross join lateral (values
    ('set aside', ${name} || ':hold', -1, r.kind <> 'late_money' and r.reserved_at is not null),
    ('gave back', ${refundReference('r')}, 1, r.status = 'succeeded'),
    ('released', ${name} || ':release', 1, r.kind <> 'late_money' and r.reserved_at is not null and r.status = 'failed')
  ) s (step, reference, sign, is_due)
  left join ledger_journals j on j.reference = s.reference and j.refund_id = r.id
), broken as (
  select format('%s is %s and has no journal that says what it %s', name, status, step) as offender
  from steps where is_due and not is_booked
  union all
  select format('%s is %s, and its journal %s %s %s', name, status, step, moved, currency)
  from steps where is_booked and not is_due
  union all
  select format('%s %s %s %s, its journal %s', name, step, amount, currency, moved)
  from steps where is_booked and is_due and moved <> amount
  union all
  select format('%s gave back %s %s, of which %s left its channel', name, amount, currency, left_channel)
  from steps where is_booked and is_due and step = 'gave back' and moved = amount and left_channel <> amount
)
${verdict('id::text')}`;

export const refundsAreBooked: Invariant = {
  name: 'refunds_are_booked',
  promise:
    'every refund has the journals that its status says, with its amount: set aside, given back out of its channel, or released where it failed, and of whom it says; and every paid payment has the status that its refunds and disputes make',
  parts: [paged({ start: nobody, pageRows: 1_000, text: refunds }), refundSources, paymentStandings],
};
