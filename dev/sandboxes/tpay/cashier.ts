import type { Faults } from '../parts/faults';
import type { WebhookEvent } from '../parts/journal';
import type { TpayAccount } from './account';
import type { Book, Result } from './book';
import { derivedId, refundMessage, taipeiTime, tradeMessage, type Refund, type Trade } from './trade';

/** Moves the money in the book and sees to it that the merchant is notified. */
export interface Cashier {
  pay(trade: Trade): Result<Trade>;
  decline(trade: Trade, reason: string): Result<Trade>;
  refund(
    orderNo: string,
    refund: { refundNo: string; amount: number },
  ): Result<{ trade: Trade; refund: Refund }>;
  /** A new trade: perhaps its customer pays by itself. */
  attend(trade: Trade): void;
  /** A restart finds refunds that were on their way. */
  resume(): void;
  expire(): void;
}

export interface CashierDependencies {
  account: TpayAccount;
  book: Book;
  faults: Faults;
  now: () => number;
  publicUrl: () => string;
  autopay: boolean;
  /** TPay's refunds always take their time. */
  refundMs: number;
  send: (event: WebhookEvent) => void;
}

export function createCashier(deps: CashierDependencies): Cashier {
  const { book, faults } = deps;

  return {
    pay,
    decline,

    attend(trade) {
      const target = { operation: 'create', reference: trade.orderNo } as const;
      const autopay = faults.strike('autopay', target);
      if (autopay || deps.autopay) return later(autopay?.ms ?? 0, () => pay(trade));
      const autodecline = faults.strike('autodecline', target);
      if (autodecline) later(autodecline.ms ?? 0, () => decline(trade, 'USER_DECLINED'));
    },

    refund(orderNo, wanted) {
      const made = book.refund(orderNo, wanted);
      if (made.ok) settleLater(made.value.trade, made.value.refund);
      return made;
    },

    resume() {
      for (const trade of book.trades()) {
        for (const refund of trade.refunds) {
          if (refund.state === 'PROCESSING') settleLater(trade, refund);
        }
      }
    },

    expire() {
      for (const trade of book.expire()) notify('TRADE_CLOSED', trade);
    },
  };

  function pay(trade: Trade): Result<Trade> {
    const late =
      trade.state !== 'WAIT_SCAN' && faults.strike('allow_late_payment', { reference: trade.orderNo });
    const paid = book.pay(trade, { late: Boolean(late) });
    if (paid.ok) notify('TRADE_SUCCESS', trade);
    return paid;
  }

  function decline(trade: Trade, reason: string): Result<Trade> {
    const declined = book.decline(trade, reason);
    if (declined.ok) notify('TRADE_FAIL', trade);
    return declined;
  }

  function settleLater(trade: Trade, refund: Refund): void {
    const target = { operation: 'refund', reference: trade.orderNo } as const;
    const state = faults.strike('refund_failing', target) ? 'FAIL' : 'SUCCESS';
    const pending = faults.strike('refund_pending', target);
    later(pending?.ms ?? deps.refundMs, () => {
      book.settleRefund(trade, refund, state);
      notify(`REFUND_${state}`, trade, refund);
    });
  }

  function notify(type: string, trade: Trade, refund?: Refund): void {
    const createdAt = deps.now();
    const id = derivedId('N', trade.tradeNo, type, refund?.refundId ?? '');
    const body = JSON.stringify({
      notify_id: id,
      notify_type: type,
      notify_time: taipeiTime(createdAt),
      app_id: deps.account.appId,
      trade: tradeMessage(trade, deps.publicUrl()),
      refund: refund ? refundMessage(trade, refund) : null,
    });
    deps.send({ id, type, orderNo: trade.orderNo, notifyUrl: trade.notifyUrl, body, createdAt });
  }
}

function later(ms: number, action: () => void): void {
  if (ms === 0) setImmediate(action);
  else setTimeout(action, ms).unref();
}
