import { derivedId, refunded, type Order, type Refund } from './order';

export type NewOrder = Pick<
  Order,
  'orderNo' | 'amount' | 'currency' | 'description' | 'notifyUrl' | 'returnUrl' | 'expiresAt'
>;

/** What the book can have against a request; words.ts says it as NewChannel would. */
export type Refusal =
  | 'order_exists'
  | 'order_not_found'
  | 'order_paid'
  | 'not_payable'
  | 'refund_exists'
  | 'refund_not_found'
  | 'refund_exceeds_paid'
  | 'not_refundable'
  | 'busy';

export type Result<Value> = { ok: true; value: Value } | { ok: false; code: Refusal };

/** What was ordered and charged: the truth that contract and fault tests compare with. */
export interface Book {
  create(order: NewOrder): Result<Order>;
  find(orderNo: string): Order | undefined;
  findByToken(token: string): Order | undefined;
  pay(order: Order, options: { late: boolean }): Result<Order>;
  decline(order: Order, reason: string): Result<Order>;
  close(orderNo: string): Result<Order>;
  refund(
    orderNo: string,
    refund: { refundNo: string; amount: number },
  ): Result<{ order: Order; refund: Refund }>;
  settleRefund(order: Order, refund: Refund, status: 'succeeded' | 'failed'): void;
  /** Closes what was not paid in time and says which. */
  expire(): Order[];
  orders(): IterableIterator<Order>;
}

export interface BookOptions {
  orders: Order[];
  now: () => number;
  ordersMax: number;
  seed: string;
  onChange: (order: Order) => void;
}

/** To change where docs/channels/newchannel.md has other rules: here a repeated creation or refund is refused. */
export function createBook(options: BookOptions): Book {
  const { now, onChange } = options;
  const byNo = new Map(options.orders.map((order) => [order.orderNo, order]));
  const byToken = new Map(options.orders.map((order) => [order.token, order]));
  const open = new Set(options.orders.filter(({ status }) => status === 'open'));

  return {
    find: (orderNo) => byNo.get(orderNo),
    findByToken: (token) => byToken.get(token),
    orders: () => byNo.values(),

    create(wanted) {
      const known = byNo.get(wanted.orderNo);
      if (known !== undefined) {
        known.creates += 1;
        onChange(known);
        return { ok: false, code: 'order_exists' };
      }
      if (!makeRoom()) return { ok: false, code: 'busy' };
      const order: Order = {
        ...wanted,
        orderId: derivedId('O', wanted.orderNo),
        token: derivedId('', options.seed, 'customer', wanted.orderNo),
        status: 'open',
        createdAt: now(),
        paidAt: null,
        declineReason: null,
        creates: 1,
        charges: 0,
        refunds: [],
      };
      byNo.set(order.orderNo, order);
      byToken.set(order.token, order);
      open.add(order);
      onChange(order);
      return { ok: true, value: order };
    },

    pay(order, { late }) {
      if (order.status === 'paid') return { ok: false, code: 'order_paid' };
      if (order.status !== 'open' && !(late && order.status === 'closed')) {
        return { ok: false, code: 'not_payable' };
      }
      order.charges += 1;
      order.paidAt = now();
      return { ok: true, value: end(order, 'paid') };
    },

    decline(order, reason) {
      if (order.status !== 'open') return { ok: false, code: 'not_payable' };
      order.declineReason = reason;
      return { ok: true, value: end(order, 'declined') };
    },

    close(orderNo) {
      const order = byNo.get(orderNo);
      if (order === undefined) return { ok: false, code: 'order_not_found' };
      if (order.status === 'paid') return { ok: false, code: 'order_paid' };
      return { ok: true, value: order.status === 'open' ? end(order, 'closed') : order };
    },

    refund(orderNo, { refundNo, amount }) {
      const order = byNo.get(orderNo);
      if (order === undefined) return { ok: false, code: 'order_not_found' };
      const known = order.refunds.find((refund) => refund.refundNo === refundNo);
      if (known !== undefined) {
        known.asked += 1;
        onChange(order);
        return { ok: false, code: 'refund_exists' };
      }
      if (order.status !== 'paid') return { ok: false, code: 'not_refundable' };
      if (amount < 1 || amount > order.amount - refunded(order)) {
        return { ok: false, code: 'refund_exceeds_paid' };
      }
      const refund: Refund = {
        refundId: derivedId('R', orderNo, refundNo),
        refundNo,
        amount,
        status: 'pending',
        createdAt: now(),
        asked: 1,
        effects: 0,
      };
      order.refunds.push(refund);
      onChange(order);
      return { ok: true, value: { order, refund } };
    },

    settleRefund(order, refund, status) {
      if (refund.status !== 'pending') return;
      refund.status = status;
      if (status === 'succeeded') refund.effects += 1;
      onChange(order);
    },

    expire() {
      const due = [...open].filter((order) => order.expiresAt <= now());
      return due.map((order) => end(order, 'closed'));
    },
  };

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
      if (order.status !== 'open') {
        byNo.delete(order.orderNo);
        byToken.delete(order.token);
        return true;
      }
      looked += 1;
      if (looked >= 1_000) break;
    }
    return false;
  }
}
