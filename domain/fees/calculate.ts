import { parseRate, portion } from '../money/rate';
import type { PinnedTerms } from './terms';

export type FeeStep =
  | { step: 'percentage'; percent: string; amount: bigint }
  | { step: 'fixed'; amount: bigint }
  | { step: 'minimum' | 'maximum' | 'capped_at_amount'; amount: bigint };

export interface CalculatedFee {
  fee: bigint;
  /** How it came about: each step's own amount, which sum to the fee. */
  steps: FeeStep[];
}

/** percentage + fixed, not below the minimum, not above the maximum. Half a smallest unit goes to the even one. */
export function calculateFee(terms: PinnedTerms, amount: bigint): CalculatedFee {
  const steps: FeeStep[] = [];
  let fee = 0n;
  const take = (step: FeeStep) => {
    if (step.amount === 0n) return;
    steps.push(step);
    fee += step.amount;
  };
  take({ step: 'percentage', percent: terms.percent, amount: percentageOf(terms, amount) });
  take({ step: 'fixed', amount: BigInt(terms.fixed) });
  if (terms.minimum !== undefined && fee < BigInt(terms.minimum)) {
    take({ step: 'minimum', amount: BigInt(terms.minimum) - fee });
  }
  if (terms.maximum !== undefined && fee > BigInt(terms.maximum)) {
    take({ step: 'maximum', amount: BigInt(terms.maximum) - fee });
  }
  return { fee, steps };
}

function percentageOf(terms: PinnedTerms, amount: bigint): bigint {
  const percent = parseRate(terms.percent);
  if (percent === undefined) return 0n;
  const rate = { numerator: percent.numerator, denominator: percent.denominator * 100n };
  return portion(amount, rate, 'half_even');
}

export interface RefundOfFee {
  /** What the payment brought in, and the fee that was taken of it. */
  captured: bigint;
  fee: bigint;
  refundedBefore: bigint;
  refund: bigint;
}

/**
 * The part of the fee that goes back with a refund. Reckoned from the sums before and after it, so that however a
 * payment is refunded in parts, the parts of the fee sum to what a full refund gives back.
 */
export function returnedFee(terms: PinnedTerms, refund: RefundOfFee): bigint {
  const base = returnableFee(terms, refund);
  if (base === 0n || refund.captured === 0n) return 0n;
  const upTo = (refunded: bigint) =>
    portion(base, { numerator: refunded, denominator: refund.captured }, 'half_even');
  return upTo(refund.refundedBefore + refund.refund) - upTo(refund.refundedBefore);
}

function returnableFee(terms: PinnedTerms, { captured, fee }: RefundOfFee): bigint {
  switch (terms.refundable) {
    case 'none':
      return 0n;
    case 'percentage': {
      const percentage = percentageOf(terms, captured);
      // A maximum may have taken less than the percentage says.
      return percentage < fee ? percentage : fee;
    }
    case 'all':
      return fee;
  }
}
