import type { Faults } from '../../../../../sandboxes/parts/faults';
import type { WebhookEvent } from '../../../../../sandboxes/parts/journal';
import type { Book, Result } from './book';
import { derivedId, type Order, type Refund } from './order';
import { sayEvent, type News } from './words';

/** Moves the money in the book and sees to it that the merchant is told. */
export interface Cashier {
  pay(order: Order): Result<Order>;
  decline(order: Order, reason: string): Result<Order>;
  refund(
    orderNo: string,
    refund: { refundNo: string; amount: number },
  ): Result<{ order: Order; refund: Refund }>;
  /** A new order: perhaps its customer pays by itself. */
  attend(order: Order): void;
  /** A restart finds refunds that were on their way. */
  resume(): void;
  expire(): void;
}

export interface CashierDependencies {
  book: Book;
  faults: Faults;
  now: () => number;
  autopay: boolean;
  /** How long a refund takes. */
  refundMs: number;
  send: (event: WebhookEvent) => void;
}

export function createCashier(deps: CashierDependencies): Cashier {
  const { book, faults } = deps;

  return {
    pay,
    decline,

    attend(order) {
      const target = { operation: 'create', reference: order.orderNo } as const;
      const autopay = faults.strike('autopay', target);
      if (autopay || deps.autopay) return later(autopay?.ms ?? 0, () => pay(order));
      const autodecline = faults.strike('autodecline', target);
      if (autodecline) later(autodecline.ms ?? 0, () => decline(order, 'customer_declined'));
    },

    refund(orderNo, wanted) {
      const made = book.refund(orderNo, wanted);
      if (made.ok) settleLater(made.value.order, made.value.refund);
      return made;
    },

    resume() {
      for (const order of book.orders()) {
        for (const refund of order.refunds) {
          if (refund.status === 'pending') settleLater(order, refund);
        }
      }
    },

    expire() {
      for (const order of book.expire()) notify('closed', order);
    },
  };

  function pay(order: Order): Result<Order> {
    const late = order.status !== 'open' && faults.strike('allow_late_payment', { reference: order.orderNo });
    const paid = book.pay(order, { late: Boolean(late) });
    if (paid.ok) notify('paid', order);
    return paid;
  }

  function decline(order: Order, reason: string): Result<Order> {
    const declined = book.decline(order, reason);
    if (declined.ok) notify('declined', order);
    return declined;
  }

  function settleLater(order: Order, refund: Refund): void {
    const target = { operation: 'refund', reference: order.orderNo } as const;
    const status = faults.strike('refund_failing', target) ? 'failed' : 'succeeded';
    const pending = faults.strike('refund_pending', target);
    later(pending?.ms ?? deps.refundMs, () => {
      book.settleRefund(order, refund, status);
      notify(`refund_${status}`, order, refund);
    });
  }

  function notify(news: News, order: Order, refund?: Refund): void {
    const at = deps.now();
    const id = derivedId('E', order.orderId, news, refund?.refundId ?? '');
    const { orderNo, notifyUrl } = order;
    const body = sayEvent({ id, news, order, refund, at });
    deps.send({ id, type: news, orderNo, notifyUrl, body, createdAt: at });
  }
}

function later(ms: number, action: () => void): void {
  if (ms === 0) setImmediate(action);
  else setTimeout(action, ms).unref();
}
