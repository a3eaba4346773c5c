import type { Result } from './book';
import { charged, derivedId, type Capture, type Order } from './order';

export interface WantedCapture {
  captureNo: string;
  amount: number;
  isFinal: boolean;
}

/** A reservation that nobody captures is given back after so long. */
export const reservationMs = 7 * 86_400_000;

/** Takes so much of what is reserved; the same number takes it once. */
export function capture(
  order: Order,
  wanted: WantedCapture,
  now: number,
): Result<{ capture: Capture; isNew: boolean }> {
  const known = order.captures.find(({ captureNo }) => captureNo === wanted.captureNo);
  if (known !== undefined) {
    known.asked += 1;
    return known.amount === wanted.amount
      ? { ok: true, value: { capture: known, isNew: false } }
      : { ok: false, code: 'capture_conflict' };
  }
  if (order.status !== 'authorized') return { ok: false, code: 'not_capturable', order };
  const left = order.amount - charged(order);
  if (wanted.amount > left) return { ok: false, code: 'capture_exceeds_authorized' };
  const made: Capture = {
    captureId: derivedId('kc_', order.orderNo, wanted.captureNo),
    ...wanted,
    createdAt: now,
    asked: 1,
    effects: 1,
  };
  order.captures.push(made);
  order.charges = 1;
  if (wanted.isFinal || wanted.amount === left) settleReservation(order, now);
  return { ok: true, value: { capture: made, isNew: true } };
}

/** The reservation is over: what was captured is paid, the rest is the customer's again. */
export function settleReservation(order: Order, now: number): Order {
  order.status = 'paid';
  order.paidAt = now;
  return order;
}
