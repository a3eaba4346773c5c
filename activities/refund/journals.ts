import { feeShare, type PinnedConversion } from '../../domain/exchange/conversion';
import { publicId } from '../../domain/ids';
import type { refundFees } from '../../domain/fees/payment-fees';
import {
  feeJournal,
  refundHoldJournal,
  refundJournal,
  refundReleaseJournal,
  type RefundBooked,
} from '../../domain/ledger/payment-journals';
import { exchangeShareJournal } from '../../domain/ledger/exchange-journal';
import { stepReference, type Journal } from '../../domain/ledger/journal';
import { suspenseRefundedJournal } from '../../domain/ledger/suspense-journals';
import type { Reservation, StoredRefund } from '../../db/stores/refunds-store';
import { refundWorkflowId } from '../../workflows/contracts';
import { suspenseReference } from '../payment/journals';

export type FeesOfRefund = ReturnType<typeof refundFees>;

export interface Done {
  /** When the money went back. */
  effectiveAt: Date;
  fees: FeesOfRefund;
  conversion?: PinnedConversion;
}

/** What a refund's steps do to the books; its reference is its id, as at the provider. */
export function holdJournals(
  refund: StoredRefund,
  reservation: Reservation,
  conversion: PinnedConversion | undefined,
): Journal[] {
  const head = booked(refund, reservation);
  return [...undone(head, reservation, conversion, 'hold'), refundHoldJournal(head)];
}

/**
 * Given back: of a merchant's money from what was set aside, of late money from suspense. What the payment's
 * pinned plans say of its fee, and of the refund's own, goes with the first.
 */
export function doneJournals(
  refund: StoredRefund,
  reservation: Reservation,
  { effectiveAt: at, fees, conversion }: Done,
): Journal[] {
  if (refund.kind === 'late_money') return [lateMoneyJournal(refund, reservation, at)];
  const { channelCost, fee } = fees;
  const head = booked(refund, reservation, at);
  const feeReturned = reservation.feeSetAside === undefined ? fees.feeReturned : 0n;
  const returned = refundJournal({ ...head, feeReturned, channelCost });
  if (fee === 0n) return [returned];
  // From pending, which may go below zero until the next payment: a refund that is done can't fail for its fee.
  const { mode, effectiveAt, workflowId, merchantId, paymentId } = head;
  const taken = feeJournal({
    ...{ mode, effectiveAt, workflowId, merchantId, paymentId },
    reference: stepReference(head.reference, 'fee'),
    fee: { amount: fee, currency: refund.currency },
    from: 'pending',
  });
  if (conversion === undefined) return [returned, taken];
  const share = feeShare(conversion, fee);
  return [
    returned,
    taken,
    exchangeShareJournal(head, conversion, share, { step: 'fee', balance: 'pending', sign: -1n }),
  ];
}

function lateMoneyJournal(refund: StoredRefund, reservation: Reservation, at: Date): Journal {
  const { mode, effectiveAt, paymentId, refundId, channelConfigId, amount, workflowId } = booked(
    refund,
    reservation,
    at,
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

/** None for late money: it lay in suspense all the time, and it still does. */
export function releaseJournals(
  refund: StoredRefund,
  reservation: Reservation,
  conversion: PinnedConversion | undefined,
): Journal[] {
  if (refund.kind === 'late_money') return [];
  const head = booked(refund, reservation);
  return [refundReleaseJournal(head), ...undone(head, reservation, conversion, 'release')];
}

/** The merchant gives what it has for what the channel wants, at the payment's own rate; and has it back if it failed. */
function undone(
  head: RefundBooked,
  { exchange, takenFrom }: Reservation,
  conversion: PinnedConversion | undefined,
  step: 'hold' | 'release',
): Journal[] {
  if (conversion === undefined || exchange === undefined || exchange.source === 0n) return [];
  const sign = step === 'hold' ? -1n : 1n;
  return [exchangeShareJournal(head, conversion, exchange, { step, balance: takenFrom, sign })];
}

/** Setting aside and giving back are our own doing, and happen now. */
function booked(refund: StoredRefund, reservation: Reservation, effectiveAt = new Date()): RefundBooked {
  return {
    reference: publicId('refund', refund.id),
    mode: refund.mode,
    effectiveAt,
    workflowId: refundWorkflowId(refund.id),
    paymentId: refund.paymentId,
    refundId: refund.id,
    merchantId: refund.merchantId,
    channelConfigId: reservation.channelConfigId,
    amount: { amount: refund.amount, currency: refund.currency },
    from: reservation.takenFrom,
    feeSetAside: reservation.feeSetAside,
  };
}
