/** From so much volume in the month on, this rate; the first tier starts at zero. */
export interface FeeTier {
  /** Smallest units, as digits: terms are kept as JSON and travel with a payment. */
  fromVolume: string;
  /** "2.9" is 2.9 %. */
  percent: string;
  /** Smallest units. */
  fixed: string;
}

/**
 * What a refund gives back of a payment's fee: nothing, its percentage in proportion, or all of it in proportion.
 */
export type Refundable = 'none' | 'percentage' | 'all';

export interface FeeTerms {
  tiers: FeeTier[];
  /** Smallest units. */
  minimum?: string;
  maximum?: string;
  refundable: Refundable;
}

export type TransactionType = 'payment' | 'refund' | 'dispute';

/** Who pays: the merchant to us, or we to the channel. */
export type Payer = 'merchant' | 'platform';

/** What a plan is for. What is left out fits anything; the currency never is, for terms hold amounts. */
export interface FeeScope {
  payer: Payer;
  transactionType: TransactionType;
  currency: string;
  merchantId?: string;
  channelConfigId?: string;
  method?: string;
}

/** One version of a plan, as it holds at a moment. */
export interface FeePlan {
  planId: string;
  version: number;
  scope: FeeScope;
  terms: FeeTerms;
}

/** Terms with the tier already chosen: all that is needed to compute the fee later, whatever becomes of the plan. */
export interface PinnedTerms {
  planId: string;
  version: number;
  percent: string;
  fixed: string;
  minimum?: string;
  maximum?: string;
  refundable: Refundable;
}
