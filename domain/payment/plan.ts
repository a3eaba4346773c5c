import type { PinnedConversion } from '../exchange/conversion';
import type { QuoteRefusal } from '../exchange/quote';
import type { RateRefusal } from '../exchange/rates';
import type { PinnedFees } from '../fees/contracts';
import { choosePlan, pinFees, pinTerms } from '../fees/pin';
import { calculateFee } from '../fees/calculate';
import type { FeePlan } from '../fees/terms';
import { takenRanges, type AmountRange } from '../routing/amounts';
import { routerFor, type KeptWish } from '../routing/kept-methods';
import type { ChannelRouter, RoutingCandidate, RoutingDecision, RoutingQuestion } from '../routing/contracts';
import type { Mode } from './reference';

/** How the merchant wants its payments treated in the cases that are not the common one. */
export interface PaymentRules {
  attemptsMax: number;
  captureWithinMs: number;
  captureAtDeadline: 'capture' | 'void';
  reviewWithinMs: number;
  reviewAtDeadline: 'approve' | 'reject';
  lateMoney: 'refund' | 'accept' | 'ask';
}

/** What holds where a merchant's configuration says nothing. */
export const usualRules: PaymentRules = {
  attemptsMax: 5,
  captureWithinMs: 604_800_000,
  captureAtDeadline: 'void',
  reviewWithinMs: 86_400_000,
  reviewAtDeadline: 'reject',
  lateMoney: 'ask',
};

/** What the platform knows about a merchant in one mode when a payment arrives. */
export interface PaymentSetup {
  merchantId: string;
  merchantStatus: 'active' | 'suspended';
  config?: {
    version: number;
    currencies: readonly string[];
    expiryMs: number;
    callbackEndpointId?: string;
    /** By currency, smallest units as digits. */
    limits: Readonly<Record<string, { min?: string; max?: string }>>;
    rules: PaymentRules;
    /** Above so much (smallest units, by currency) an operator decides first. */
    reviewAbove: Readonly<Record<string, string>>;
  };
  candidates: readonly RoutingCandidate[];
  feePlans: readonly FeePlan[];
  /** Taken since the month began, by currency: what tiers go by. */
  monthVolumes: Readonly<Record<string, string>>;
  /** The same by channel, for all merchants: what tiers of a channel's own prices go by. */
  channelVolumes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What plans say, and what decides which of their tiers it is. */
export type Prices = Pick<PaymentSetup, 'merchantId' | 'feePlans' | 'monthVolumes' | 'channelVolumes'>;

export interface PaymentWish extends KeptWish {
  amount: bigint;
  currency: string;
  provider?: string;
  method?: string;
  capture?: 'automatic' | 'manual';
  settleCurrency?: string;
  country?: string;
  mode?: Mode;
  paymentId?: string;
}

/** Everything decided when a payment opens, pinned to it: later changes of configuration do not touch it. */
export interface PaymentPlan {
  configVersion: number;
  expiryMs: number;
  callbackEndpointId?: string;
  routing: RoutingDecision;
  rules: PaymentRules;
  /** What each channel of the routing decision would cost; none where no plan fits. */
  fees?: PinnedFees;
  /** How it is exchanged, where the merchant settles in another currency. */
  conversion?: PinnedConversion;
  /** Why an operator has to decide before any channel is called. */
  review?: string;
}

export type PlanRefusal =
  | 'merchant_suspended'
  | 'merchant_not_configured'
  | 'currency_not_enabled'
  | 'amount_below_minimum'
  | 'amount_above_maximum'
  | 'amount_not_taken'
  | 'no_channel'
  | RateRefusal
  | QuoteRefusal;

export type Planned = { ok: true; plan: PaymentPlan } | PlanRefused;

export interface PlanRefused {
  ok: false;
  refusal: PlanRefusal;
  /** Each channel, and why it is none. */
  considered?: RoutingDecision['considered'];
  /** What could be taken instead of this amount. */
  takes?: readonly AmountRange[];
}

/**
 * Decides whether a payment may begin and how. The verdict of a risk engine and a commission plan belong between
 * the limits and the choice of a channel.
 */
export function planPayment(setup: PaymentSetup, wish: PaymentWish, route: ChannelRouter): Planned {
  const refuse = (refusal: PlanRefusal): Planned => ({ ok: false, refusal });
  if (setup.merchantStatus !== 'active') return refuse('merchant_suspended');
  if (setup.config === undefined) return refuse('merchant_not_configured');
  if (!setup.config.currencies.includes(wish.currency)) return refuse('currency_not_enabled');
  if (wish.settleCurrency !== undefined && !setup.config.currencies.includes(wish.settleCurrency)) {
    return refuse('currency_not_enabled');
  }

  const limit = setup.config.limits[wish.currency];
  if (limit?.min !== undefined && wish.amount < BigInt(limit.min)) return refuse('amount_below_minimum');
  if (limit?.max !== undefined && wish.amount > BigInt(limit.max)) return refuse('amount_above_maximum');

  const question = routingQuestion(setup, wish);
  const routing = routerFor(route, wish)(question, setup.candidates);
  // What fits and can't be used just now is waited for; what nobody offers is refused.
  const channelConfigIds = [...routing.chosen, ...(routing.notNow ?? [])];
  if (channelConfigIds.length === 0) {
    const { considered, onlyForAmount = [] } = routing;
    const others = setup.candidates.filter(({ channelConfigId }) => onlyForAmount.includes(channelConfigId));
    const takes = takenRanges(question, others, limit);
    return { ok: false, refusal: takes.length > 0 ? 'amount_not_taken' : 'no_channel', considered, takes };
  }

  const { version: configVersion, expiryMs, callbackEndpointId, rules } = setup.config;
  const review = reviewReason(setup.config.reviewAbove[wish.currency], wish.amount);
  const fees = feesOf(setup, wish, channelConfigIds);
  return { ok: true, plan: { configVersion, expiryMs, callbackEndpointId, routing, rules, fees, review } };
}

/** What routing is asked about a payment of this merchant. */
export function routingQuestion(setup: PaymentSetup, wish: PaymentWish): RoutingQuestion {
  const { amount, currency, provider, method, capture, country, mode, paymentId } = wish;
  const { merchantId } = setup;
  return {
    ...{ amount, currency, provider, method, capture, country, mode, paymentId, merchantId },
    costOf: (channelConfigId) => costOn(setup, wish, channelConfigId),
  };
}

/** What the channel would charge the platform for it, by the plan that holds today. */
function costOn(
  { merchantId, feePlans, channelVolumes }: PaymentSetup,
  { amount, currency, method }: PaymentWish,
  channelConfigId: string,
): bigint | undefined {
  const wanted = { payer: 'platform', transactionType: 'payment' } as const;
  const plan = choosePlan(feePlans, { ...wanted, currency, merchantId, channelConfigId, method });
  return (
    plan && calculateFee(pinTerms(plan, BigInt(channelVolumes[channelConfigId]?.[currency] ?? 0)), amount).fee
  );
}

/** Pinned: a plan that changes tomorrow does not change what was agreed today. */
export function feesOf(
  { merchantId, feePlans, monthVolumes, channelVolumes }: Prices,
  { currency, method }: Pick<PaymentWish, 'currency' | 'method'>,
  channelConfigIds: readonly string[],
): PinnedFees | undefined {
  if (feePlans.length === 0) return undefined;
  const monthVolume = BigInt(monthVolumes[currency] ?? 0);
  const channelVolume = (id: string) => BigInt(channelVolumes[id]?.[currency] ?? 0);
  return pinFees(feePlans, { merchantId, currency, method, channelConfigIds, monthVolume, channelVolume });
}

function reviewReason(above: string | undefined, amount: bigint): string | undefined {
  return above !== undefined && amount > BigInt(above) ? 'amount_above_review_limit' : undefined;
}
