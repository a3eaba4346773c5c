import type { FeePlan, PinnedTerms } from './terms';

/** What a payment costs on one channel; a part without a plan costs nothing. */
export interface ChannelFees {
  payment?: PinnedTerms;
  refund?: PinnedTerms;
  dispute?: PinnedTerms;
  paymentCost?: PinnedTerms;
  refundCost?: PinnedTerms;
  disputeCost?: PinnedTerms;
}

/** Pinned to the payment when it starts, for every channel it may go through; JSON all the way. */
export type PinnedFees = Readonly<Record<string, ChannelFees>>;

/** By number: pinned to an attempt of which the payment's own pins say nothing. */
export type AttemptFees = Readonly<Record<string, ChannelFees>>;

export interface FeeQuestion {
  merchantId: string;
  currency: string;
  /** Left out where the customer chooses on the channel's page: plans for one method don't fit then. */
  method?: string;
  channelConfigIds: readonly string[];
  /** What the merchant has taken in this currency since the month began, smallest units. */
  monthVolume: bigint;
  /** What has gone through a channel in this currency since the month began: tiers of what it charges us go by that. */
  channelVolume(channelConfigId: string): bigint;
}

/** Decides which plans hold for a payment that starts now. Pure: the plans in effect are handed in. */
export type FeePlanner = (plans: readonly FeePlan[], question: FeeQuestion) => PinnedFees;
