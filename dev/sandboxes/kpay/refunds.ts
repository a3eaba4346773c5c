import type { Result } from './book';
import { charged, derivedId, refunded, type Order, type Refund } from './order';

export interface WantedRefund {
  refundNo: string;
  amount?: number;
}

/** Gives so much back; the same number gives it once. It is pending until it is settled. */
export function enterRefund(
  order: Order,
  wanted: WantedRefund,
  now: number,
): Result<{ order: Order; refund: Refund; isNew: boolean }> {
  const known = order.refunds.find((refund) => refund.refundNo === wanted.refundNo);
  if (known !== undefined) {
    known.asked += 1;
    return wanted.amount === undefined || wanted.amount === known.amount
      ? { ok: true, value: { order, refund: known, isNew: false } }
      : { ok: false, code: 'refund_conflict' };
  }
  const isPartCaptured = order.status === 'authorized' && charged(order) > 0;
  if (order.status !== 'paid' && !isPartCaptured) return { ok: false, code: 'not_refundable' };
  const left = charged(order) - refunded(order);
  const amount = wanted.amount ?? left;
  if (amount < 1 || amount > left) return { ok: false, code: 'refund_exceeds_paid' };
  const refund: Refund = {
    refundId: derivedId('kr_', order.orderNo, wanted.refundNo),
    refundNo: wanted.refundNo,
    amount,
    status: 'pending',
    failureCode: null,
    createdAt: now,
    asked: 1,
    effects: 0,
  };
  order.refunds.push(refund);
  return { ok: true, value: { order, refund, isNew: true } };
}

/** With a failure code nothing moves, and the amount can be refunded anew. */
export function settleRefund(refund: Refund, failureCode: string | null): void {
  refund.failureCode = failureCode;
  refund.status = failureCode === null ? 'succeeded' : 'failed';
  if (failureCode === null) refund.effects += 1;
}
