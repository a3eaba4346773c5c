import { calculateFee, returnedFee, type CalculatedFee, type RefundOfFee } from './calculate';
import type { AttemptFees, ChannelFees, PinnedFees } from './contracts';
import type { PinnedTerms, TransactionType } from './terms';

/** What a merchant pays. */
export function merchantFee(
  transactionType: TransactionType,
  terms: PinnedTerms,
  amount: bigint,
): CalculatedFee {
  const calculated = calculateFee(terms, amount);
  // Never more than the payment itself, whatever a plan's minimum says: nobody owes us for having been paid.
  if (transactionType !== 'payment' || calculated.fee <= amount) return calculated;
  const cap = { step: 'capped_at_amount', amount: amount - calculated.fee } as const;
  return { fee: amount, steps: [...calculated.steps, cap] };
}

/**
 * What was pinned for an attempt: with itself, or else with its payment. It is in the payment's currency and says nothing
 * of money in another one.
 */
export function chargedPlans(
  payment: { fees?: PinnedFees; attemptFees?: AttemptFees; currency: string },
  charge: { attemptNo: number; channelConfigId: string; currency: string },
): ChannelFees | undefined {
  if (payment.currency !== charge.currency) return undefined;
  return payment.attemptFees?.[charge.attemptNo] ?? payment.fees?.[charge.channelConfigId];
}

/** What a charge costs the merchant, and us. */
export function chargeFees(
  fees: ChannelFees | undefined,
  amount: bigint,
): { fee: bigint; channelCost: bigint } {
  return {
    fee: fees?.payment === undefined ? 0n : merchantFee('payment', fees.payment, amount).fee,
    channelCost: fees?.paymentCost === undefined ? 0n : calculateFee(fees.paymentCost, amount).fee,
  };
}

/** What a refund gives back of the payment's fee, what it costs the merchant, and what the channel takes for it. */
export function refundFees(
  fees: ChannelFees | undefined,
  refund: RefundOfFee,
): { feeReturned: bigint; fee: bigint; channelCost: bigint } {
  return {
    feeReturned: fees?.payment === undefined ? 0n : returnedFee(fees.payment, refund),
    fee: fees?.refund === undefined ? 0n : calculateFee(fees.refund, refund.refund).fee,
    channelCost: fees?.refundCost === undefined ? 0n : calculateFee(fees.refundCost, refund.refund).fee,
  };
}

/** What a lost dispute costs the merchant, and what the channel takes for it where it doesn't say so itself. */
export function disputeFees(
  fees: ChannelFees | undefined,
  disputed: bigint,
): { fee: bigint; channelCost: bigint } {
  return {
    fee: fees?.dispute === undefined ? 0n : merchantFee('dispute', fees.dispute, disputed).fee,
    channelCost: fees?.disputeCost === undefined ? 0n : calculateFee(fees.disputeCost, disputed).fee,
  };
}
