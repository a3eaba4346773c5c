import type { KpayAccount } from './account';
import type { Book, Result } from './book';
import type { Faults } from './faults';
import type { WebhookEvent } from './journal';
import { derivedId, instant, orderMessage, refundMessage, type Order, type Refund } from './order';

/** Moves the money in the book and sees to it that the merchant hears of it. */
export interface Cashier {
  pay(order: Order): Result<Order>;
  decline(order: Order, failureCode: string): Result<Order>;
  refund(
    orderNo: string,
    refund: { refundNo: string; amount?: number },
  ): Result<{ order: Order; refund: Refund; isNew: boolean }>;
  /** A new order: perhaps its customer pays by itself. */
  attend(order: Order): void;
  expire(): void;
}

export interface CashierDependencies {
  account: KpayAccount;
  book: Book;
  faults: Faults;
  now: () => number;
  publicUrl: () => string;
  autopay: boolean;
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
      if (autodecline) later(autodecline.ms ?? 0, () => decline(order, 'card_declined'));
    },

    refund(orderNo, wanted) {
      const pending = faults.strike('refund_pending', { operation: 'refund', reference: orderNo });
      const made = book.refund(orderNo, { ...wanted, isPending: pending !== undefined });
      if (!made.ok || !made.value.isNew) return made;
      const { order, refund } = made.value;
      if (pending) {
        later(pending.ms ?? 0, () => {
          book.settleRefund(order, refund);
          tell('refund.succeeded', order, refund);
        });
      } else tell('refund.succeeded', order, refund);
      return made;
    },

    expire() {
      for (const order of book.expire()) tell('payment.expired', order);
    },
  };

  function pay(order: Order): Result<Order> {
    const late =
      order.status !== 'pending' && faults.strike('allow_late_payment', { reference: order.orderNo });
    const paid = book.pay(order, { late: Boolean(late) });
    if (paid.ok) tell('payment.paid', order);
    return paid;
  }

  function decline(order: Order, failureCode: string): Result<Order> {
    const declined = book.decline(order, failureCode);
    if (declined.ok) tell('payment.failed', order);
    return declined;
  }

  function tell(type: string, order: Order, refund?: Refund): void {
    const createdAt = deps.now();
    const id = derivedId('evt_', order.orderId, type, refund?.refundId ?? '');
    const message = {
      id,
      type,
      created_at: instant(createdAt),
      data: {
        order: orderMessage(order, deps.account.merchantId, deps.publicUrl()),
        refund: refund ? refundMessage(order, refund) : null,
      },
    };
    const body = JSON.stringify(message);
    deps.send({ id, type, orderNo: order.orderNo, notifyUrl: order.notifyUrl, body, createdAt });
  }
}

function later(ms: number, action: () => void): void {
  if (ms === 0) setImmediate(action);
  else setTimeout(action, ms).unref();
}
