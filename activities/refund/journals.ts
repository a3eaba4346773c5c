import { publicId } from '../../domain/ids';
import {
  refundHoldJournal,
  refundJournal,
  refundReleaseJournal,
  type RefundBooked,
} from '../../domain/ledger/payment-journals';
import type { Journal } from '../../domain/ledger/journal';
import { suspenseRefundedJournal } from '../../domain/ledger/suspense-journals';
import type { Reservation, StoredRefund } from '../../db/stores/refunds-store';
import { refundWorkflowId } from '../../workflows/contracts';
import { suspenseReference } from '../payment/journals';

/** What a refund's steps do to the books; its reference is its id, as at the provider. */
export function holdJournal(refund: StoredRefund, reservation: Reservation): Journal {
  return refundHoldJournal(booked(refund, reservation));
}

/**
 * Given back: of a merchant's money from what was set aside, of late money from suspense. The part of the fee
 * that the payment's plan returns belongs into the first, as `feeReturned`.
 */
export function doneJournal(refund: StoredRefund, reservation: Reservation): Journal {
  if (refund.kind === 'merchant') return refundJournal(booked(refund, reservation));
  const { mode, effectiveAt, paymentId, refundId, channelConfigId, amount, workflowId } = booked(
    refund,
    reservation,
  );
  return suspenseRefundedJournal({
    reference: suspenseReference(refund.paymentId, reservation.attemptNo, reservation.chargeRef),
    mode,
    effectiveAt,
    paymentId,
    refundId,
    channelConfigId,
    amount,
    workflowId,
  });
}

/** Undefined for late money: it lay in suspense all the time, and it still does. */
export function releaseJournal(refund: StoredRefund, reservation: Reservation): Journal | undefined {
  return refund.kind === 'merchant' ? refundReleaseJournal(booked(refund, reservation)) : undefined;
}

function booked(refund: StoredRefund, reservation: Reservation): RefundBooked {
  return {
    reference: publicId('refund', refund.id),
    mode: refund.mode,
    effectiveAt: new Date(),
    workflowId: refundWorkflowId(refund.id),
    paymentId: refund.paymentId,
    refundId: refund.id,
    merchantId: refund.merchantId,
    channelConfigId: reservation.channelConfigId,
    amount: { amount: refund.amount, currency: refund.currency },
    from: reservation.takenFrom,
  };
}
