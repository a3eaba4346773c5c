import type { ChannelFees, FeePlanner, FeeQuestion } from './contracts';
import type { FeePlan, FeeScope, FeeTier, PinnedTerms, Payer, TransactionType } from './terms';

/** Who pays for what, by the name of its part in what is pinned. */
export const feeParts = {
  payment: ['merchant', 'payment'],
  refund: ['merchant', 'refund'],
  dispute: ['merchant', 'dispute'],
  paymentCost: ['platform', 'payment'],
  refundCost: ['platform', 'refund'],
  disputeCost: ['platform', 'dispute'],
} as const satisfies Record<keyof ChannelFees, readonly [Payer, TransactionType]>;

export const pinFees: FeePlanner = (plans, question) =>
  Object.fromEntries(
    question.channelConfigIds.map((channelConfigId) => [
      channelConfigId,
      feesOnChannel(plans, question, channelConfigId),
    ]),
  );

function feesOnChannel(
  plans: readonly FeePlan[],
  question: FeeQuestion,
  channelConfigId: string,
): ChannelFees {
  const fees: ChannelFees = {};
  const volumes = {
    merchant: question.monthVolume,
    platform: question.channelVolume(channelConfigId),
  } satisfies Record<Payer, bigint>;
  for (const [part, [payer, transactionType]] of Object.entries(feeParts)) {
    const plan = choosePlan(plans, { ...question, payer, transactionType, channelConfigId });
    if (plan !== undefined) fees[part as keyof ChannelFees] = pinTerms(plan, volumes[payer]);
  }
  return fees;
}

export interface PlanWanted {
  payer: Payer;
  transactionType: TransactionType;
  currency: string;
  merchantId: string;
  channelConfigId: string;
  method?: string;
}

/** Of the plans that fit, the one that says most: the merchant weighs more than the channel, and that than the method. */
export function choosePlan(plans: readonly FeePlan[], wanted: PlanWanted): FeePlan | undefined {
  return mostParticular(plans.filter((plan) => fits(plan, wanted)));
}

/** Of plans that fit. */
export function mostParticular<Plan extends Particular>(plans: readonly Plan[]): Plan | undefined {
  let best: Plan | undefined;
  for (const plan of plans) if (best === undefined || weight(plan) > weight(best)) best = plan;
  return best;
}

interface Particular {
  scope: Pick<FeeScope, 'merchantId' | 'channelConfigId' | 'method'>;
}

function fits({ scope }: FeePlan, wanted: PlanWanted): boolean {
  return (
    scope.payer === wanted.payer &&
    scope.transactionType === wanted.transactionType &&
    scope.currency === wanted.currency &&
    (scope.merchantId ?? wanted.merchantId) === wanted.merchantId &&
    (scope.channelConfigId ?? wanted.channelConfigId) === wanted.channelConfigId &&
    (scope.method === undefined || scope.method === wanted.method)
  );
}

/** No two plans have one scope, so no two that fit weigh the same. */
function weight({ scope }: Particular): number {
  return (
    (scope.merchantId === undefined ? 0 : 4) +
    (scope.channelConfigId === undefined ? 0 : 2) +
    (scope.method === undefined ? 0 : 1)
  );
}

/** The tier that the month's volume has reached so far; the payment itself counts for the next one. */
export function pinTerms(plan: FeePlan, monthVolume: bigint): PinnedTerms {
  const { planId, version, terms } = plan;
  const tier = tierAt(terms.tiers, monthVolume);
  const pinned: PinnedTerms = {
    planId,
    version,
    percent: tier.percent,
    fixed: tier.fixed,
    refundable: terms.refundable,
  };
  if (terms.minimum !== undefined) pinned.minimum = terms.minimum;
  if (terms.maximum !== undefined) pinned.maximum = terms.maximum;
  return pinned;
}

function tierAt(tiers: readonly FeeTier[], monthVolume: bigint): FeeTier {
  let reached: FeeTier = { fromVolume: '0', percent: '0', fixed: '0' };
  for (const tier of tiers) if (BigInt(tier.fromVolume) <= monthVolume) reached = tier;
  return reached;
}
