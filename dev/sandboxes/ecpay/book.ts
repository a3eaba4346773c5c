import { captured, derivedDigits, derivedToken, givenBack, type Order, type Way } from './order';

export interface NewOrder {
  orderNo: string;
  way: Way;
  amount: number;
  itemName: string;
  returnUrl: string;
  paymentInfoUrl: string | null;
  clientBackUrl: string | null;
  customField1: string;
  customField2: string;
  payableUntil: number | null;
}

export type Action = 'C' | 'R' | 'E' | 'N';

/** What was traded and charged: the rules of docs/channels/ecpay.md, and the truth that tests compare with. */
export interface Book {
  /** Undefined if the number is taken, or there is no room. */
  create(order: NewOrder): Order | undefined;
  find(orderNo: string): Order | undefined;
  findByReference(reference: string): Order | undefined;
  findByToken(token: string): Order | undefined;
  findByAuthorisation(gwsr: string): Order | undefined;
  setNumber(order: Order, number: Record<string, string>): void;
  /** False if it can't be paid any more, or not again. */
  pay(order: Order, options: { late: boolean }): boolean;
  fail(order: Order, code: string): boolean;
  /** False if the authorisation is in no state for it; then nothing changes. */
  act(order: Order, action: Action, amount: number): boolean;
  /** The evening: what is told to close is closed, and on an account that closes by itself so is all else. */
  closeDay(): void;
  orders(): IterableIterator<Order>;
  readonly evicted: number;
}

export interface BookOptions {
  orders: Order[];
  now: () => number;
  ordersMax: number;
  seed: string;
  closesDaily: boolean;
  onChange: (order: Order) => void;
}

export function createBook(options: BookOptions): Book {
  const { now, onChange, closesDaily } = options;
  const byNo = new Map<string, Order>();
  const byReference = new Map<string, Order>();
  const byToken = new Map<string, Order>();
  const byAuthorisation = new Map<string, Order>();
  let evicted = 0;
  for (const order of options.orders) index(order);

  return {
    get evicted() {
      return evicted;
    },
    find: (orderNo) => byNo.get(orderNo),
    findByReference: (reference) => byReference.get(reference) ?? byNo.get(reference),
    findByToken: (token) => byToken.get(token),
    findByAuthorisation: (gwsr) => byAuthorisation.get(gwsr),
    orders: () => byNo.values(),

    create(wanted) {
      const known = byNo.get(wanted.orderNo);
      if (known !== undefined) {
        known.creates += 1;
        onChange(known);
        return undefined;
      }
      if (!makeRoom()) return undefined;
      const order: Order = {
        ...wanted,
        tradeNo: derivedDigits(16, 'trade', wanted.orderNo),
        token: derivedToken(options.seed, 'cashier', wanted.orderNo),
        gwsr: derivedDigits(8, 'authorisation', wanted.orderNo),
        state: 'open',
        number: null,
        createdAt: now(),
        paidAt: null,
        failCode: null,
        isAbandoned: false,
        closings: [],
        refunds: [],
        creates: 1,
        charges: 0,
      };
      index(order);
      onChange(order);
      return order;
    },

    setNumber(order, number) {
      order.number = number;
      onChange(order);
    },

    pay(order, { late }) {
      const isTooLate = order.payableUntil !== null && order.payableUntil <= now();
      if (order.state !== 'open' || (isTooLate && !late)) return false;
      order.state = 'paid';
      order.paidAt = now();
      if (order.way !== 'Credit' || closesDaily) order.charges += 1;
      onChange(order);
      return true;
    },

    fail(order, code) {
      if (order.state !== 'open') return false;
      order.state = 'failed';
      order.failCode = code;
      onChange(order);
      return true;
    },

    act(order, action, amount) {
      if (order.state !== 'paid' || order.way !== 'Credit' || order.isAbandoned || amount < 1) return false;
      const isDone = actions[action](order, amount, now());
      if (isDone) onChange(order);
      return isDone;
    },

    closeDay() {
      for (const order of byNo.values()) {
        if (order.state !== 'paid' || order.way !== 'Credit' || order.isAbandoned) continue;
        if (closesDaily && captured(order) === 0) close(order, order.amount);
        for (const closing of order.closings) if (closing.state === 'to_close') closing.state = 'closed';
        onChange(order);
      }
    },
  };

  function index(order: Order): void {
    byNo.set(order.orderNo, order);
    byToken.set(order.token, order);
    byAuthorisation.set(order.gwsr, order);
    if (order.customField1 !== '') byReference.set(order.customField1, order);
  }

  function close(order: Order, amount: number): void {
    order.closings.push({ amount, state: 'to_close', at: now() });
  }

  /** Memory is bounded: the oldest ended trade goes; with none among the oldest thousand, new ones are refused. */
  function makeRoom(): boolean {
    if (byNo.size < options.ordersMax) return true;
    let looked = 0;
    for (const order of byNo.values()) {
      if (order.state !== 'open') {
        byNo.delete(order.orderNo);
        byToken.delete(order.token);
        byAuthorisation.delete(order.gwsr);
        byReference.delete(order.customField1);
        evicted += 1;
        return true;
      }
      looked += 1;
      if (looked >= 1_000) break;
    }
    return false;
  }
}

const actions: Record<Action, (order: Order, amount: number, at: number) => boolean> = {
  C(order, amount, at) {
    if (captured(order) > 0 || amount > order.amount) return false;
    const isFirst = order.charges === 0;
    order.closings.push({ amount, state: 'to_close', at });
    if (isFirst) order.charges = 1;
    return true;
  },

  R(order, amount, at) {
    if (amount > captured(order) - givenBack(order)) return false;
    order.refunds.push({ amount, action: 'R', at });
    return true;
  },

  E(order) {
    const closing = order.closings.find(({ state }) => state === 'to_close');
    if (closing === undefined || givenBack(order) > 0) return false;
    closing.state = 'undone';
    return true;
  },

  N(order, _amount, at) {
    if (captured(order) > 0) return false;
    order.isAbandoned = true;
    // Where the shop took it for paid already, this is how the customer has it back.
    if (order.charges > 0) order.refunds.push({ amount: order.amount, action: 'N', at });
    return true;
  },
};
