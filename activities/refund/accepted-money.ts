import { chargedPlans } from '../../domain/fees/payment-fees';
import { fundRefund, type FundedPayment } from '../../domain/refund/funding';
import { decideAcceptedRefund, type RefundDecision, type RefundWish } from '../../domain/refund/refusal';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Queryable, Transaction } from '../../db/pool';
import { takenOfAccepted } from '../../db/stores/accepted-money-store';
import type { LockedPayment } from '../../db/stores/paid-payments-store';
import type { PaidCharge } from '../../db/stores/refunds-store';
import { findSuspense } from '../../db/stores/suspense-store';

/** The charge that a refund of accepted money goes to. */
export async function acceptedChargeOf(
  database: Queryable,
  key: SuspenseKey,
): Promise<PaidCharge | undefined> {
  const held = await findSuspense(database, key);
  if (held === undefined) return undefined;
  const { attemptNo, channel, channelConfigId, providerRef: chargeRef } = held;
  return { attemptNo, channel, channelConfigId, chargeRef };
}

/**
 * Late money that the merchant was given stands for itself: it was booked with a fee of its own, it was never exchanged,
 * and what the payment has captured and given back is not touched by it.
 */
export async function decideOnAccepted(
  transaction: Transaction,
  payment: LockedPayment,
  key: SuspenseKey,
  wish: Omit<RefundWish, 'fund'>,
): Promise<RefundDecision> {
  const held = await findSuspense(transaction, key);
  if (held?.paymentId !== payment.id || held.decision !== 'accept' || held.resolvedAt === undefined) {
    return { kind: 'refused', refusal: 'not_accepted' };
  }
  const { amount: accepted } = held;
  const { refunded, fee, disputed } = await takenOfAccepted(transaction, held);
  const funded: FundedPayment = {
    captured: accepted,
    fees: chargedPlans(payment, held),
    charges: [accepted],
    taken: { refunded, fee, merchant: 0n, target: 0n, worth: 0n, hasFeeToCome: false },
  };
  return decideAcceptedRefund(
    { accepted, refundReserved: refunded, disputed },
    { ...wish, fund: (amount) => fundRefund(funded, amount) },
  );
}
