import { derivedId, refunded, type Order, type Refund } from './order';

export interface NewOrder {
  orderNo: string;
  amount: number;
  currency: string;
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
  refund(
    orderNo: string,
    refund: { refundNo: string; amount?: number; isPending: boolean },
  ): Result<{ order: Order; refund: Refund; isNew: boolean }>;
  settleRefund(order: Order, refund: Refund): void;
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
  const open = new Set(options.orders.filter((order) => order.status === 'pending'));
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
      return { ok: true, value: order.status === 'pending' ? end(order, 'cancelled') : order };
    },

    refund(orderNo, wanted) {
      const order = byNo.get(orderNo);
      if (order === undefined) return { ok: false, code: 'order_not_found' };
      const known = order.refunds.find((refund) => refund.refundNo === wanted.refundNo);
      if (known !== undefined) {
        const same = wanted.amount === undefined || wanted.amount === known.amount;
        return same
          ? { ok: true, value: { order, refund: known, isNew: false } }
          : { ok: false, code: 'refund_conflict' };
      }
      if (order.status !== 'paid') return { ok: false, code: 'not_refundable' };
      const left = order.amount - refunded(order);
      const amount = wanted.amount ?? left;
      if (amount < 1 || amount > left) return { ok: false, code: 'refund_exceeds_paid' };
      const refund: Refund = {
        refundId: derivedId('kr_', orderNo, wanted.refundNo),
        refundNo: wanted.refundNo,
        amount,
        status: wanted.isPending ? 'pending' : 'succeeded',
        createdAt: now(),
      };
      order.refunds.push(refund);
      onChange(order);
      return { ok: true, value: { order, refund, isNew: true } };
    },

    settleRefund(order, refund) {
      refund.status = 'succeeded';
      onChange(order);
    },

    expire() {
      const due = [...open].filter((order) => order.expiresAt <= now());
      return due.map((order) => end(order, 'expired'));
    },
  };

  function repeat(known: Order, wanted: NewOrder): Result<{ order: Order; isNew: boolean }> {
    known.creates += 1;
    onChange(known);
    if (isClosedNumber(known)) return { ok: false, code: 'order_closed' };
    if (known.amount !== wanted.amount || known.currency !== wanted.currency) {
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
      creates: status === 'pending' ? 1 : 0,
      charges: 0,
      refunds: [],
    };
    byNo.set(order.orderNo, order);
    byToken.set(order.token, order);
    return order;
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
      if (order.status !== 'pending') {
        byNo.delete(order.orderNo);
        byToken.delete(order.token);
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
    description: '',
    notifyUrl: '',
    returnUrl: null,
    expiresAt: at,
  };
}

function isClosedNumber(order: Order): boolean {
  return order.status === 'cancelled' && order.amount === 0;
}
