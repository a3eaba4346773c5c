import type { Faults } from '../parts/faults';
import type { WebhookEvent } from '../parts/journal';
import type { EcpayAccount } from './account';
import type { Book } from './book';
import { withCode } from './check-code';
import { derivedDigits, derivedToken, isByNumber, paymentTypeOf, taipeiTime, type Order } from './order';

/** Moves the money in the book and sees to it that the merchant is notified. */
export interface Cashier {
  /** A new trade: perhaps its customer pays by itself. */
  attend(order: Order): void;
  /** The customer asks for the number to pay by. */
  takeNumber(order: Order): boolean;
  pay(order: Order): boolean;
  decline(order: Order, code: string): boolean;
  /** The merchant tries its address out: notified as if it were paid, and nothing is. */
  simulate(order: Order): void;
}

export interface CashierDependencies {
  account: EcpayAccount;
  book: Book;
  faults: Faults;
  now: () => number;
  autopay: boolean;
  send: (event: WebhookEvent) => void;
}

const numberGiven = { ATM: '2', other: '10100073' } as const;

export function createCashier(deps: CashierDependencies): Cashier {
  const { account, book, faults } = deps;

  return {
    attend(order) {
      const target = { operation: 'create', reference: order.customField1 } as const;
      const autopay = faults.strike('autopay', target);
      if (autopay || deps.autopay) return later(autopay?.ms ?? 0, () => void pay(order));
      const autodecline = faults.strike('autodecline', target);
      if (autodecline) later(autodecline.ms ?? 0, () => void decline(order, '10100248'));
    },

    takeNumber(order) {
      if (order.state !== 'open' || !isByNumber(order.way)) return false;
      if (order.number !== null) return true;
      const number = numberOf(order);
      book.setNumber(order, number);
      const RtnCode = order.way === 'ATM' ? numberGiven.ATM : numberGiven.other;
      const news = { RtnCode, RtnMsg: 'Get VirtualAccount Succeeded', ...number };
      if (order.paymentInfoUrl !== null) notify(order, order.paymentInfoUrl, news);
      return true;
    },

    pay,
    decline,

    simulate(order) {
      notify(order, order.returnUrl, { ...paidFields(order, deps.now()), SimulatePaid: '1' });
    },
  };

  function pay(order: Order): boolean {
    const late = faults.strike('allow_late_payment', { reference: order.customField1 }) !== undefined;
    if (!book.pay(order, { late })) return false;
    notify(order, order.returnUrl, paidFields(order, order.paidAt ?? deps.now()));
    return true;
  }

  function decline(order: Order, code: string): boolean {
    if (!book.fail(order, code)) return false;
    const fields = { ...paidFields(order, deps.now()), RtnCode: code, RtnMsg: '拒絕交易', PaymentDate: '' };
    notify(order, order.returnUrl, fields);
    return true;
  }

  function paidFields(order: Order, paidAt: number): Record<string, string> {
    return {
      RtnCode: '1',
      RtnMsg: '交易成功',
      PaymentDate: taipeiTime(paidAt),
      PaymentTypeChargeFee: String(Math.floor((order.amount * 275 + 5_000) / 10_000)),
      SimulatePaid: '0',
      ...(order.way === 'Credit' ? { gwsr: order.gwsr, amount: String(order.amount), card4no: '2222' } : {}),
    };
  }

  function notify(order: Order, notifyUrl: string, news: Record<string, string>): void {
    const createdAt = deps.now();
    const fields = withCode(account, { ...commonFields(account, order), ...news });
    const body = new URLSearchParams(fields).toString();
    const id = derivedToken(order.orderNo, news['RtnCode'] ?? '', news['SimulatePaid'] ?? '');
    deps.send({ id, type: news['RtnCode'] ?? '', orderNo: order.customField1, notifyUrl, body, createdAt });
  }
}

function commonFields(account: EcpayAccount, order: Order): Record<string, string> {
  return {
    MerchantID: account.merchantId,
    MerchantTradeNo: order.orderNo,
    StoreID: '',
    TradeNo: order.tradeNo,
    TradeAmt: String(order.amount),
    TradeDate: taipeiTime(order.createdAt),
    PaymentType: paymentTypeOf(order),
    CustomField1: order.customField1,
    CustomField2: order.customField2,
    CustomField3: '',
    CustomField4: '',
  };
}

function numberOf(order: Order): Record<string, string> {
  const until = taipeiTime(order.payableUntil ?? order.createdAt);
  switch (order.way) {
    case 'ATM':
      return {
        BankCode: '812',
        vAccount: derivedDigits(14, 'account', order.orderNo),
        ExpireDate: until.slice(0, 10),
      };
    case 'CVS':
      return { PaymentNo: `GW${derivedDigits(12, 'code', order.orderNo)}`, ExpireDate: until };
    default:
      return {
        Barcode1: derivedDigits(9, 'barcode1', order.orderNo),
        Barcode2: derivedDigits(16, 'barcode2', order.orderNo),
        Barcode3: derivedDigits(15, 'barcode3', order.orderNo),
        ExpireDate: until,
      };
  }
}

function later(ms: number, action: () => void): void {
  if (ms === 0) setImmediate(action);
  else setTimeout(action, ms).unref();
}
