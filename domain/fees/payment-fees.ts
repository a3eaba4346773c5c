import { calculateFee, returnedFee, type CalculatedFee, type RefundOfFee } from './calculate';
import type { PinnedFees } from './contracts';
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

/** The plans that were pinned are in the payment's currency: they say nothing of money in another one. */
export function chargedPlans(
  payment: { fees?: PinnedFees; currency: string },
  currency: string,
): PinnedFees | undefined {
  return payment.currency === currency ? payment.fees : undefined;
}

/** What a charge on this channel costs the merchant, and us. */
export function chargeFees(
  pinned: PinnedFees | undefined,
  channelConfigId: string,
  amount: bigint,
): { fee: bigint; channelCost: bigint } {
  const fees = pinned?.[channelConfigId];
  return {
    fee: fees?.payment === undefined ? 0n : merchantFee('payment', fees.payment, amount).fee,
    channelCost: fees?.paymentCost === undefined ? 0n : calculateFee(fees.paymentCost, amount).fee,
  };
}

/** What a refund gives back of the payment's fee, what it costs the merchant, and what the channel takes for it. */
export function refundFees(
  pinned: PinnedFees | undefined,
  channelConfigId: string,
  refund: RefundOfFee,
): { feeReturned: bigint; fee: bigint; channelCost: bigint } {
  const fees = pinned?.[channelConfigId];
  return {
    feeReturned: fees?.payment === undefined ? 0n : returnedFee(fees.payment, refund),
    fee: fees?.refund === undefined ? 0n : calculateFee(fees.refund, refund.refund).fee,
    channelCost: fees?.refundCost === undefined ? 0n : calculateFee(fees.refundCost, refund.refund).fee,
  };
}

/** What a lost dispute costs the merchant, and what the channel takes for it where it doesn't say so itself. */
export function disputeFees(
  pinned: PinnedFees | undefined,
  channelConfigId: string,
  disputed: bigint,
): { fee: bigint; channelCost: bigint } {
  const fees = pinned?.[channelConfigId];
  return {
    fee: fees?.dispute === undefined ? 0n : merchantFee('dispute', fees.dispute, disputed).fee,
    channelCost: fees?.disputeCost === undefined ? 0n : calculateFee(fees.disputeCost, disputed).fee,
  };
}
