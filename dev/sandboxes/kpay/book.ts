import { capture, reservationMs, settleReservation, type WantedCapture } from './captures';
import { endDispute, fileEvidence, openDispute, type Evidence, type WantedDispute } from './disputes';
import { charged, derivedId, type Capture, type Dispute, type Order, type Refund } from './order';
import { enterRefund, settleRefund, type WantedRefund } from './refunds';

export interface NewOrder {
  orderNo: string;
  amount: number;
  currency: string;
  capture: Order['capture'];
  method: Order['method'];
  description: string;
  notifyUrl: string;
  returnUrl: string | null;
  expiresAt: number;
}

export type Result<Value> = { ok: true; value: Value } | { ok: false; code: RefusalCode; order?: Order };

export type RefusalCode =
  | 'order_conflict'
  | 'order_closed'
  | 'order_not_found'
  | 'already_paid'
  | 'not_payable'
  | 'not_capturable'
  | 'capture_exceeds_authorized'
  | 'capture_conflict'
  | 'not_disputable'
  | 'dispute_not_found'
  | 'dispute_closed'
  | 'too_much_evidence'
  | 'not_refundable'
  | 'refund_exceeds_paid'
  | 'refund_conflict'
  | 'not_processed';

/** What was ordered and charged: the rules of docs/channels/kpay.md, and the truth that fault tests compare with. */
export interface Book {
  create(order: NewOrder): Result<{ order: Order; isNew: boolean }>;
  find(orderNo: string): Order | undefined;
  findByToken(token: string): Order | undefined;
  pay(order: Order, options: { late: boolean }): Result<Order>;
  decline(order: Order, failureCode: string): Result<Order>;
  cancel(orderNo: string): Result<Order>;
  capture(orderNo: string, wanted: WantedCapture): Result<{ order: Order; capture: Capture; isNew: boolean }>;
  refund(orderNo: string, wanted: WantedRefund): Result<{ order: Order; refund: Refund; isNew: boolean }>;
  settleRefund(order: Order, refund: Refund, failureCode: string | null): void;
  openDispute(orderNo: string, wanted: WantedDispute): Result<{ order: Order; dispute: Dispute }>;
  endDispute(disputeId: string, status: 'won' | 'lost'): Result<{ order: Order; dispute: Dispute }>;
  fileEvidence(disputeId: string, evidence: Evidence): Result<{ order: Order; dispute: Dispute }>;
  /** Ends what was not paid in time and says which. */
  expire(): Order[];
  orders(): IterableIterator<Order>;
  readonly evicted: number;
}

export interface BookOptions {
  orders: Order[];
  now: () => number;
  ordersMax: number;
  seed: string;
  onChange: (order: Order) => void;
}

export function createBook(options: BookOptions): Book {
  const { now, onChange } = options;
  const byNo = new Map(options.orders.map((order) => [order.orderNo, order]));
  const byToken = new Map(options.orders.map((order) => [order.token, order]));
  const open = new Set(options.orders.filter(isOpen));
  const disputed = new Map(
    options.orders.flatMap((order) =>
      order.disputes.map((dispute) => [dispute.disputeId, { order, dispute }]),
    ),
  );
  let evicted = 0;

  return {
    get evicted() {
      return evicted;
    },
    find: (orderNo) => byNo.get(orderNo),
    findByToken: (token) => byToken.get(token),
    orders: () => byNo.values(),

    create(wanted) {
      const known = byNo.get(wanted.orderNo);
      if (known !== undefined) return repeat(known, wanted);
      if (!makeRoom()) return { ok: false, code: 'not_processed' };
      const order = enter(wanted, 'pending');
      open.add(order);
      onChange(order);
      return { ok: true, value: { order, isNew: true } };
    },

    pay(order, { late }) {
      const isLate = order.status === 'expired' || order.status === 'cancelled';
      if (order.status === 'paid') return { ok: false, code: 'already_paid', order };
      if (order.status !== 'pending' && !(late && isLate && order.amount > 0)) {
        return { ok: false, code: 'not_payable', order };
      }
      if (order.capture === 'manual') return { ok: true, value: reserve(order) };
      order.charges += 1;
      order.paidAt = now();
      return { ok: true, value: end(order, 'paid') };
    },

    decline(order, failureCode) {
      if (order.status !== 'pending') return { ok: false, code: 'not_payable', order };
      order.failureCode = failureCode;
      return { ok: true, value: end(order, 'failed') };
    },

    cancel(orderNo) {
      const order = byNo.get(orderNo);
      if (order === undefined) {
        if (!makeRoom()) return { ok: false, code: 'not_processed' };
        const closed = enter(closedNumber(orderNo, now()), 'cancelled');
        onChange(closed);
        return { ok: true, value: closed };
      }
      if (order.status === 'paid') return { ok: false, code: 'already_paid', order };
      return { ok: true, value: isOpen(order) ? release(order, 'cancelled') : order };
    },

    capture(orderNo, wanted) {
      const order = byNo.get(orderNo);
      if (order === undefined) return { ok: false, code: 'order_not_found' };
      const made = capture(order, wanted, now());
      if (!isOpen(order)) open.delete(order);
      onChange(order);
      return made.ok ? { ok: true, value: { order, ...made.value } } : made;
    },

    refund(orderNo, wanted) {
      const order = byNo.get(orderNo);
      if (order === undefined) return { ok: false, code: 'order_not_found' };
      const made = enterRefund(order, wanted, now());
      onChange(order);
      return made;
    },

    settleRefund(order, refund, failureCode) {
      settleRefund(refund, failureCode);
      onChange(order);
    },

    openDispute(orderNo, wanted) {
      const order = byNo.get(orderNo);
      if (order === undefined) return { ok: false, code: 'order_not_found' };
      const opened = openDispute(order, wanted, now());
      if (!opened.ok) return opened;
      disputed.set(opened.value.disputeId, { order, dispute: opened.value });
      onChange(order);
      return { ok: true, value: { order, dispute: opened.value } };
    },

    endDispute: (disputeId, status) => onDispute(disputeId, (dispute) => endDispute(dispute, status, now())),
    fileEvidence: (disputeId, evidence) =>
      onDispute(disputeId, (dispute) => fileEvidence(dispute, evidence, now())),

    expire() {
      const due = [...open].filter((order) => endsAt(order) <= now());
      return due.map((order) => release(order, 'expired'));
    },
  };

  function repeat(known: Order, wanted: NewOrder): Result<{ order: Order; isNew: boolean }> {
    known.creates += 1;
    onChange(known);
    if (isClosedNumber(known)) return { ok: false, code: 'order_closed' };
    const isSame =
      known.amount === wanted.amount &&
      known.currency === wanted.currency &&
      known.capture === wanted.capture;
    if (!isSame) {
      return { ok: false, code: 'order_conflict' };
    }
    return { ok: true, value: { order: known, isNew: false } };
  }

  function enter(wanted: NewOrder, status: Order['status']): Order {
    const order: Order = {
      ...wanted,
      orderId: derivedId('kp_', wanted.orderNo),
      token: derivedId('', options.seed, 'checkout', wanted.orderNo),
      status,
      createdAt: now(),
      paidAt: null,
      failureCode: null,
      authorizedAt: null,
      creates: status === 'pending' ? 1 : 0,
      charges: 0,
      captures: [],
      refunds: [],
      disputes: [],
    };
    byNo.set(order.orderNo, order);
    byToken.set(order.token, order);
    return order;
  }

  function reserve(order: Order): Order {
    order.status = 'authorized';
    order.authorizedAt = now();
    open.add(order);
    onChange(order);
    return order;
  }

  /** Ends an open order; of a reservation that was captured in part, that part stays paid. */
  function release(order: Order, status: 'cancelled' | 'expired'): Order {
    if (charged(order) === 0) return end(order, status);
    return end(settleReservation(order, now()), 'paid');
  }

  function onDispute(
    disputeId: string,
    change: (dispute: Dispute) => Result<Dispute>,
  ): Result<{ order: Order; dispute: Dispute }> {
    const found = disputed.get(disputeId);
    if (found === undefined) return { ok: false, code: 'dispute_not_found' };
    const changed = change(found.dispute);
    if (!changed.ok) return changed;
    onChange(found.order);
    return { ok: true, value: found };
  }

  function end(order: Order, status: Order['status']): Order {
    order.status = status;
    open.delete(order);
    onChange(order);
    return order;
  }

  /** Memory is bounded: the oldest ended order goes; with none among the oldest thousand, new ones are refused. */
  function makeRoom(): boolean {
    if (byNo.size < options.ordersMax) return true;
    let looked = 0;
    for (const order of byNo.values()) {
      if (!isOpen(order)) {
        byNo.delete(order.orderNo);
        byToken.delete(order.token);
        for (const { disputeId } of order.disputes) disputed.delete(disputeId);
        evicted += 1;
        return true;
      }
      looked += 1;
      if (looked >= 1_000) break;
    }
    return false;
  }
}

/** A number that was cancelled before it was ever created. */
function closedNumber(orderNo: string, at: number): NewOrder {
  return {
    orderNo,
    amount: 0,
    currency: 'TWD',
    capture: 'automatic',
    method: null,
    description: '',
    notifyUrl: '',
    returnUrl: null,
    expiresAt: at,
  };
}

function isClosedNumber(order: Order): boolean {
  return order.status === 'cancelled' && order.amount === 0;
}

function isOpen(order: Order): boolean {
  return order.status === 'pending' || order.status === 'authorized';
}

function endsAt(order: Order): number {
  return order.authorizedAt === null ? order.expiresAt : order.authorizedAt + reservationMs;
}
