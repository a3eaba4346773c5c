import { isCallbackType } from '../../domain/callback-types';
import { effectiveTime } from '../../domain/payment/moved-at';
import type { MovedMoney } from '../../domain/payment/outcome';
import { chargeFees, chargedPlans, refundFees } from '../../domain/fees/payment-fees';
import { presentRefund } from '../../domain/refund/present';
import { isCertainOfRefund, reactToRefund, type HeardOfRefund } from '../../domain/refund/react';
import { statusAfterRefund } from '../../domain/refund/refusal';
import { isRefundOver } from '../../domain/refund/status';
import type { Transaction } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import {
  changeLockedPayment,
  lockPayment,
  type LockedChange,
  type LockedPayment,
} from '../../db/stores/paid-payments-store';
import { chargedAmounts } from '../../db/stores/charges-store';
import { findResolution, type RefundResolution } from '../../db/stores/refund-resolutions-store';
import { changeRefund, loadRefund, type Reservation, type StoredRefund } from '../../db/stores/refunds-store';
import { reopenSuspense, resolveSuspense } from '../../db/stores/suspense-store';
import { settleAsApplied } from '../../db/stores/webhook-inbox-store';
import { failure } from '../failures';
import { payFromSuspense } from '../dispute/pay-from-suspense';
import { tellMerchant } from '../payment/tell-merchant';
import type { RefundProgress } from './contracts';
import type { RefundDeps } from './deps';
import { doneJournals, releaseJournals, type FeesOfRefund } from './journals';
import { progressOf } from './reserve';

export interface RefundTold {
  news: HeardOfRefund;
  by: 'answer' | 'query' | 'webhook' | 'operator';
  /** An operator's key, and why it was said. */
  keyId?: string;
  reason?: string;
  inboxIds?: string[];
}

interface Ending {
  payment: LockedPayment;
  refund: StoredRefund;
  reservation: Reservation;
  told: RefundTold;
}

export interface RecordedRefund extends RefundProgress {
  isChanged: boolean;
}

/** News of a refund: decided by one rule under the locks of both rows, and written with all that belongs to it. */
export function createRecordRefund(deps: RefundDeps) {
  return async function recordRefund(refundId: string, told: RefundTold): Promise<RecordedRefund> {
    const known = await loadRefund(deps.database, refundId);
    if (known === undefined) throw failure('NotFound', `There is no refund ${refundId}.`);
    let isTold = false;
    const recorded = await inTransaction(deps.database, async (transaction) => {
      const payment = await lockPayment(transaction, known.paymentId);
      const refund = await loadRefund(transaction, refundId, { lock: true });
      const { reservation } = refund ?? {};
      if (payment === undefined || refund === undefined) throw failure('NotFound', 'The refund is gone.');
      if (reservation === undefined) return { ...progressOf(refund), isChanged: false };

      const { reaction, counts } = await decide(transaction, refund, told);
      if (reaction.kind === 'nothing') return { ...progressOf(refund), isChanged: false };
      const { to, providerRef, error } = reaction;
      await changeRefund(transaction, { refundId, to, providerRef, error, isOver: isRefundOver(to) });
      if (isRefundOver(to)) {
        const after = { ...refund, status: to, error, updatedAt: new Date() };
        isTold = await end(transaction, { payment, refund: after, reservation, told: counts });
      }
      await settleAsApplied(transaction, told.inboxIds ?? []);
      return { status: to, isReserved: true, isChanged: true };
    });
    if (isTold) deps.callbackCommitted();
    return recorded;
  };

  /** The money is back with the customer, or it stays and goes back where it was taken from. */
  async function end(transaction: Transaction, ending: Ending): Promise<boolean> {
    const { payment, refund, reservation, told } = ending;
    const isDone = refund.status === 'succeeded';
    // Late money was never exchanged.
    const conversion = refund.kind === 'merchant' ? payment.conversion : undefined;
    const journals = isDone
      ? doneJournals(refund, reservation, {
          effectiveAt: effectiveTime(movedBy(told.news), refund.id),
          fees: await feesOf(transaction, ending),
          conversion,
        })
      : releaseJournals(refund, reservation, conversion);
    const eventId = deps.newId();
    const type = eventType(refund);
    await changeLockedPayment(transaction, payment, {
      eventId,
      type,
      ...(refund.kind === 'merchant' ? merchantChange(payment, refund.amount, isDone) : {}),
      cause: causeOf(refund, told),
    });
    await deps.ledger.post(transaction, journals);
    if (refund.kind === 'late_money') {
      const key = { channelConfigId: reservation.channelConfigId, providerRef: reservation.chargeRef };
      await (isDone ? resolveSuspense : reopenSuspense)(transaction, key);
      if (!isDone) await payFromSuspense(deps, transaction, key);
    }
    // Late money that could not be given back is the operators' to decide: nothing has changed for the merchant.
    if (!isCallbackType(type)) return false;
    const { paymentId } = refund;
    return tellMerchant(transaction, { eventId, paymentId, type, also: { refund: presentRefund(refund) } });
  }
}

/** What is told counts where the channel knows; where it does not, an operator's word does, once there is one. */
async function decide(transaction: Transaction, refund: StoredRefund, told: RefundTold) {
  const { status, amount, currency } = refund;
  const expected = { status, amountMinor: amount.toString(), currency };
  const reaction = reactToRefund(expected, told.news);
  if (isCertainOfRefund(reaction)) return { reaction, counts: told };
  const resolution = await findResolution(transaction, refund.id);
  if (resolution === undefined) return { reaction, counts: told };
  const counts = saidBy(resolution);
  return { reaction: reactToRefund(expected, counts.news), counts };
}

export function saidBy({ outcome, keyId, reason }: RefundResolution): RefundTold {
  return { news: { kind: outcome }, by: 'operator', keyId, reason };
}

function movedBy(news: RefundTold['news']): Pick<MovedMoney, 'movedAt'> {
  return news.kind === 'succeeded' ? news.refund : {};
}

/** By the plans that were pinned for the attempt; the fee it brought is reckoned charge by charge, as booked. */
async function feesOf(
  transaction: Transaction,
  { payment, refund, reservation }: Ending,
): Promise<FeesOfRefund> {
  const { captured, refunded: refundedBefore } = payment;
  const fees = chargedPlans(payment, { ...reservation, currency: refund.currency });
  const charges = fees === undefined ? [] : await chargedAmounts(transaction, payment.id);
  const fee = charges.reduce((sum, amount) => sum + chargeFees(fees, amount).fee, 0n);
  return refundFees(fees, { captured, fee, refundedBefore, refund: refund.amount });
}

function merchantChange(
  payment: LockedPayment,
  amount: bigint,
  isDone: boolean,
): Partial<Pick<LockedChange, 'to' | 'refunded' | 'refundReserved'>> {
  if (!isDone) return { refundReserved: payment.refundReserved - amount };
  const refunded = payment.refunded + amount;
  return { refunded, to: statusAfterRefund(payment.status, refunded, payment.captured) };
}

function eventType({ kind, status }: StoredRefund): string {
  if (kind !== 'late_money') return status === 'succeeded' ? 'refund.succeeded' : 'refund.failed';
  return status === 'succeeded' ? 'payment.late_money_refunded' : 'payment.late_money_refund_failed';
}

function causeOf({ error, ...refund }: StoredRefund, { by, keyId, reason }: RefundTold) {
  return {
    ...{ by, keyId, reason },
    key: `refund:${refund.id}:${refund.status}`,
    refundId: refund.id,
    amountMinor: refund.amount.toString(),
    ...(error === undefined ? {} : { error }),
  };
}
