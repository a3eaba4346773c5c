import type { KpayAccount } from './account';
import type { Book, Result } from './book';
import type { Faults } from '../parts/faults';
import type { WebhookEvent } from '../parts/journal';
import type { WantedCapture } from './captures';
import type { WantedDispute } from './disputes';
import {
  derivedId,
  disputeMessage,
  instant,
  orderMessage,
  refundMessage,
  type Capture,
  type Dispute,
  type Order,
  type Refund,
} from './order';
import type { WantedRefund } from './refunds';

/** Moves the money in the book and sees to it that the merchant hears of it. */
export interface Cashier {
  pay(order: Order): Result<Order>;
  decline(order: Order, failureCode: string): Result<Order>;
  capture(orderNo: string, wanted: WantedCapture): Result<{ order: Order; capture: Capture; isNew: boolean }>;
  refund(orderNo: string, wanted: WantedRefund): Result<{ order: Order; refund: Refund; isNew: boolean }>;
  openDispute(orderNo: string, wanted: WantedDispute): Result<{ order: Order; dispute: Dispute }>;
  endDispute(disputeId: string, status: 'won' | 'lost'): Result<{ order: Order; dispute: Dispute }>;
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
      const { orderNo: reference, description } = order;
      const target = { operation: 'create', reference, description } as const;
      const autopay = faults.strike('autopay', target);
      if (autopay || deps.autopay) return later(autopay?.ms ?? 0, () => pay(order));
      const autodecline = faults.strike('autodecline', target);
      if (autodecline) later(autodecline.ms ?? 0, () => decline(order, 'card_declined'));
    },

    capture(orderNo, wanted) {
      const made = book.capture(orderNo, wanted);
      if (made.ok && made.value.isNew && made.value.order.status === 'paid') {
        tell('payment.paid', made.value.order);
      }
      return made;
    },

    refund(orderNo, wanted) {
      const made = book.refund(orderNo, wanted);
      if (!made.ok || !made.value.isNew) return made;
      const { order, refund } = made.value;
      const target = { operation: 'refund', reference: orderNo } as const;
      const failureCode = faults.strike('refund_failing', target) ? 'account_closed' : null;
      const pending = faults.strike('refund_pending', target);
      const settle = () => {
        book.settleRefund(order, refund, failureCode);
        tell(failureCode === null ? 'refund.succeeded' : 'refund.failed', order, { refund });
      };
      if (pending) later(pending.ms ?? 0, settle);
      else settle();
      return made;
    },

    openDispute(orderNo, wanted) {
      const opened = book.openDispute(orderNo, wanted);
      if (opened.ok) tell('dispute.opened', opened.value.order, opened.value);
      return opened;
    },

    endDispute(disputeId, status) {
      const ended = book.endDispute(disputeId, status);
      if (ended.ok) tell(`dispute.${status}`, ended.value.order, ended.value);
      return ended;
    },

    expire() {
      for (const order of book.expire()) {
        tell(order.status === 'paid' ? 'payment.paid' : 'payment.expired', order);
      }
    },
  };

  function pay(order: Order): Result<Order> {
    const late =
      order.status !== 'pending' && faults.strike('allow_late_payment', { reference: order.orderNo });
    const paid = book.pay(order, { late: Boolean(late) });
    if (paid.ok) tell(order.status === 'authorized' ? 'payment.authorized' : 'payment.paid', order);
    return paid;
  }

  function decline(order: Order, failureCode: string): Result<Order> {
    const declined = book.decline(order, failureCode);
    if (declined.ok) tell('payment.failed', order);
    return declined;
  }

  function tell(
    type: string,
    order: Order,
    { refund, dispute }: { refund?: Refund; dispute?: Dispute } = {},
  ): void {
    const createdAt = deps.now();
    const id = derivedId('evt_', order.orderId, type, refund?.refundId ?? dispute?.disputeId ?? '');
    const message = {
      id,
      type,
      created_at: instant(createdAt),
      data: {
        order: orderMessage(order, deps.account.merchantId, deps.publicUrl()),
        refund: refund ? refundMessage(order, refund) : null,
        dispute: dispute ? disputeMessage(order, dispute) : null,
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
