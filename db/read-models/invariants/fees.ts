import type { ChannelFees } from '../../../domain/fees/contracts';
import { chargeFees, disputeFees, refundFees } from '../../../domain/fees/payment-fees';
import type { FeeTerms, PinnedTerms } from '../../../domain/fees/terms';
import type { Queryable } from '../../pool';
import { isUnreadable, nobody, unreadable, type Invariant, type InvariantPage, type Part } from './check';
import { heldFor, heldPlan, ofPayment, pinnedTo, type HeldPlan } from './held-plans';
import { chargeReference, nameOf, refundReference } from './references';

const pageRows = 500;

/** A journal with what it is of, and the terms that were pinned for it: with the tier chosen. */
interface Booked {
  key: string;
  /** Null: it has no journal that fees belong to. */
  reference: string | null;
  amount: bigint;
  pinned: ChannelFees | null;
  /** The plans that fitted it and held when its payment began; null: there were none, or nobody can tell. */
  held: HeldPlan[] | null;
  fee: bigint;
  cost: bigint;
}

/** What a journal's lines say that the merchant paid us, and we the channel. */
const linesOf = (journal: string) => `
  cross join lateral (
    select coalesce(-sum(l.amount) filter (where a.kind = 'fee_income'), 0) as fee,
      coalesce(sum(l.amount) filter (where a.kind = 'channel_cost'), 0) as cost
    from unnest(${journal}.account_ids, ${journal}.amounts) l (account_id, amount) join ledger_accounts a on a.id = l.account_id
  )`;

const charges = `
select c.channel_config_id::text || c.provider_ref as key, j.reference,
  c.amount::numeric - case when c.disposition = 'suspense' then c.lost else 0 end as amount, ${pinnedTo('c')}, b.fee, b.cost
from (
  select * from provider_charges
  where (channel_config_id, provider_ref) > (substr($1, 1, 36)::uuid, substr($1, 37))
  order by channel_config_id, provider_ref limit $2
) c
${ofPayment('c')}
left join ledger_journals j on j.kind in ('success', 'capture', 'suspense_accepted') and j.payment_id = c.payment_id
  and j.reference = ${chargeReference('c')} || case when c.disposition = 'suspense' then ':accepted' else '' end
${linesOf('j')} b
${heldFor('c', 'payment')}
order by c.channel_config_id, c.provider_ref`;

// A refund's own fee has a journal of its own; what the channel takes for it stands in that of the refund. Late money that
// is given back costs nobody anything, and a refund that was not made has no fee.
const isRefundPaid = "r.kind <> 'late_money' and r.status = 'succeeded'";
const refunds = `
select r.id::text as key, coalesce(j.reference, s.reference) as reference, r.amount::numeric as amount,
  ${pinnedTo('r', isRefundPaid)}, f.fee, b.cost
from (select * from refunds where id > $1::uuid order by id limit $2) r
${ofPayment('r')}
left join ledger_journals j on r.status = 'succeeded' and j.reference = ${refundReference('r')} and j.refund_id = r.id
left join ledger_journals s on s.reference = ${nameOf('ref', 'r.id')} || ':fee'
${linesOf('j')} b
${linesOf('s')} f
${heldFor('r', 'refund', isRefundPaid)}
order by r.id`;

// What the channel takes for a dispute is what it says: that stands in the dispute, and is held against its journals there.
// Where the money was not the merchant's, the merchant pays nothing.
const isMerchantsLoss = 'd.taken_from is not null';
const disputes = `
select d.id::text as key, j.reference,
  d.amount::numeric as amount, ${pinnedTo('d', isMerchantsLoss)}, b.fee, 0::numeric as cost
from (select * from disputes where id > $1::uuid order by id limit $2) d
${ofPayment('d')}
left join ledger_journals j on d.status = 'lost' and j.reference = ${nameOf('dsp', 'd.id')} || ':lost'
${linesOf('j')} b
${heldFor('d', 'dispute', isMerchantsLoss)}
order by d.id`;

type Fees = { fee: bigint; channelCost: bigint };

interface Priced {
  start: string;
  text: string;
  terms: readonly (keyof ChannelFees)[];
  feesOf(pinned: ChannelFees, amount: bigint): Fees;
}

/** Rows with what they say are read in pages; what they should say is computed as it was when they were booked. */
function priced(kind: Priced): Part {
  return async function* (database, from = kind.start) {
    let after: string | undefined = from;
    while (after !== undefined) {
      const { rows }: { rows: Booked[] } = await database.query<Booked>(kind.text, [after, pageRows]);
      if (rows.length === 0) return;
      const plans = await plansOf(database, rows, kind.terms);
      const offenders = rows.flatMap((row) => problemsOf(row, kind, plans));
      after = rows.length < pageRows ? undefined : rows.at(-1)?.key;
      const page: InvariantPage = { checked: rows.length, offenders };
      yield after === undefined ? page : { ...page, next: after };
    }
  };
}

function problemsOf(row: Booked, kind: Priced, plans: Plans): string[] {
  if (row.reference === null) return [];
  try {
    return mistakesOf(row, kind, plans).map((mistake) => `${row.reference}: ${mistake}`);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [`${row.reference}: ${unreadable(error)}`];
  }
}

function mistakesOf(row: Booked, { terms, feesOf }: Priced, plans: Plans): string[] {
  const { pinned, amount, fee, cost } = row;
  for (const part of terms) {
    const one = pinned?.[part];
    if (one === undefined || isOfPlan(one, plans)) continue;
    return [`what was pinned of the plan ${one.planId} is no tier of its version ${one.version}`];
  }
  for (const part of terms) {
    const plan = heldPlan(row.held, part);
    if (plan === undefined || plan.planId === pinned?.[part]?.planId) continue;
    return [
      `the plan ${plan.planId} held when the payment began, and was not pinned for this channel and method`,
    ];
  }
  const due = feesOf(pinned ?? {}, amount);
  if (due.fee === fee && due.channelCost === cost) return [];
  return [
    `a fee of ${fee} and a cost of ${cost} were booked, by the plans they are ${due.fee} and ${due.channelCost}`,
  ];
}

type Plans = ReadonlyMap<string, FeeTerms>;

/** No version is ever changed, so it does not matter that they are read after the page. */
async function plansOf(
  database: Queryable,
  booked: readonly Booked[],
  terms: readonly (keyof ChannelFees)[],
): Promise<Plans> {
  const ids = booked.flatMap(({ pinned }) => terms.flatMap((part) => pinned?.[part]?.planId ?? []));
  const { rows } = await database.query<{ name: string; terms: FeeTerms }>(
    `select concat_ws('/', plan_id, version) as name, terms from fee_plan_versions
     where plan_id in (select id from fee_plans where id::text = any ($1))`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(({ name, terms }) => [name, terms]));
}

/** Which tier it was can't be told any more: it went by a volume that was up to a minute old. */
function isOfPlan(pinned: PinnedTerms, plans: Plans): boolean {
  const terms = plans.get(`${pinned.planId}/${pinned.version}`);
  return (
    terms !== undefined &&
    terms.minimum === pinned.minimum &&
    terms.maximum === pinned.maximum &&
    terms.refundable === pinned.refundable &&
    terms.tiers.some(({ percent, fixed }) => percent === pinned.percent && fixed === pinned.fixed)
  );
}

export const feesFollowPlans: Invariant = {
  name: 'fees_follow_plans',
  promise:
    'what the merchant paid us, and we the channel, for a charge, accepted late money, a refund and a lost dispute is what the plans say that were pinned for it, and those are the ones that held when the payment began',
  parts: [
    priced({
      ...{ start: nobody, text: charges, terms: ['payment', 'paymentCost'] },
      feesOf: chargeFees,
    }),
    priced({
      ...{ start: nobody, text: refunds, terms: ['refund', 'refundCost'] },
      // How much of the payment's fee it gives back depends on the refunds before it, and is not asked for here.
      feesOf: (pinned, refund) => refundFees(pinned, { captured: 0n, fee: 0n, refundedBefore: 0n, refund }),
    }),
    priced({
      ...{ start: nobody, text: disputes, terms: ['dispute'] },
      feesOf: (pinned, amount) => ({ ...disputeFees(pinned, amount), channelCost: 0n }),
    }),
  ],
};
