import { derivedId, refunded, type Refund, type Trade } from './trade';

export interface NewTrade {
  orderNo: string;
  amount: number;
  subject: string;
  notifyUrl: string;
  returnUrl: string | null;
  expiresAt: number;
}

/** TPay's codes: docs/channels/tpay.md has the table. */
export type Refusal =
  | 'TRADE_EXISTS'
  | 'TRADE_NOT_FOUND'
  | 'TRADE_PAID'
  | 'NOT_PAYABLE'
  | 'REFUND_NOT_FOUND'
  | 'REFUND_EXISTS'
  | 'REFUND_EXCEEDS_PAID'
  | 'NOT_REFUNDABLE'
  | 'BUSY';

export type Result<Value> = { ok: true; value: Value } | { ok: false; code: Refusal };

/** What was traded and charged: the rules of docs/channels/tpay.md, and the truth that fault tests compare with. */
export interface Book {
  create(trade: NewTrade): Result<Trade>;
  find(orderNo: string): Trade | undefined;
  findByToken(token: string): Trade | undefined;
  pay(trade: Trade, options: { late: boolean }): Result<Trade>;
  decline(trade: Trade, reason: string): Result<Trade>;
  close(orderNo: string): Result<Trade>;
  refund(
    orderNo: string,
    refund: { refundNo: string; amount: number },
  ): Result<{ trade: Trade; refund: Refund }>;
  settleRefund(trade: Trade, refund: Refund, state: 'SUCCESS' | 'FAIL'): void;
  /** Ends what was not paid in time and says which. */
  expire(): Trade[];
  trades(): IterableIterator<Trade>;
  readonly evicted: number;
}

export interface BookOptions {
  trades: Trade[];
  now: () => number;
  tradesMax: number;
  seed: string;
  onChange: (trade: Trade) => void;
}

export function createBook(options: BookOptions): Book {
  const { now, onChange } = options;
  const byNo = new Map(options.trades.map((trade) => [trade.orderNo, trade]));
  const byToken = new Map(options.trades.map((trade) => [trade.token, trade]));
  const open = new Set(options.trades.filter(({ state }) => state === 'WAIT_SCAN'));
  let evicted = 0;

  return {
    get evicted() {
      return evicted;
    },
    find: (orderNo) => byNo.get(orderNo),
    findByToken: (token) => byToken.get(token),
    trades: () => byNo.values(),

    create(wanted) {
      const known = byNo.get(wanted.orderNo);
      if (known !== undefined) {
        known.creates += 1;
        onChange(known);
        return { ok: false, code: 'TRADE_EXISTS' };
      }
      if (!makeRoom()) return { ok: false, code: 'BUSY' };
      const trade: Trade = {
        ...wanted,
        tradeNo: derivedId('T', wanted.orderNo),
        token: derivedId('', options.seed, 'wallet', wanted.orderNo),
        state: 'WAIT_SCAN',
        createdAt: now(),
        paidAt: null,
        failReason: null,
        creates: 1,
        charges: 0,
        refunds: [],
      };
      byNo.set(trade.orderNo, trade);
      byToken.set(trade.token, trade);
      open.add(trade);
      onChange(trade);
      return { ok: true, value: trade };
    },

    pay(trade, { late }) {
      if (trade.state === 'SUCCESS') return { ok: false, code: 'TRADE_PAID' };
      if (trade.state !== 'WAIT_SCAN' && !(late && trade.state === 'CLOSED')) {
        return { ok: false, code: 'NOT_PAYABLE' };
      }
      trade.charges += 1;
      trade.paidAt = now();
      return { ok: true, value: end(trade, 'SUCCESS') };
    },

    decline(trade, reason) {
      if (trade.state !== 'WAIT_SCAN') return { ok: false, code: 'NOT_PAYABLE' };
      trade.failReason = reason;
      return { ok: true, value: end(trade, 'FAIL') };
    },

    close(orderNo) {
      const trade = byNo.get(orderNo);
      if (trade === undefined) return { ok: false, code: 'TRADE_NOT_FOUND' };
      if (trade.state === 'SUCCESS') return { ok: false, code: 'TRADE_PAID' };
      return { ok: true, value: trade.state === 'WAIT_SCAN' ? end(trade, 'CLOSED') : trade };
    },

    refund(orderNo, { refundNo, amount }) {
      const trade = byNo.get(orderNo);
      if (trade === undefined) return { ok: false, code: 'TRADE_NOT_FOUND' };
      const known = trade.refunds.find((refund) => refund.refundNo === refundNo);
      if (known !== undefined) {
        known.asked += 1;
        onChange(trade);
        return { ok: false, code: 'REFUND_EXISTS' };
      }
      if (trade.state !== 'SUCCESS') return { ok: false, code: 'NOT_REFUNDABLE' };
      if (amount < 1 || amount > trade.amount - refunded(trade)) {
        return { ok: false, code: 'REFUND_EXCEEDS_PAID' };
      }
      const refund: Refund = {
        refundId: derivedId('R', orderNo, refundNo),
        refundNo,
        amount,
        state: 'PROCESSING',
        createdAt: now(),
        asked: 1,
        effects: 0,
      };
      trade.refunds.push(refund);
      onChange(trade);
      return { ok: true, value: { trade, refund } };
    },

    settleRefund(trade, refund, state) {
      if (refund.state !== 'PROCESSING') return;
      refund.state = state;
      if (state === 'SUCCESS') refund.effects += 1;
      onChange(trade);
    },

    expire() {
      const due = [...open].filter((trade) => trade.expiresAt <= now());
      return due.map((trade) => end(trade, 'CLOSED'));
    },
  };

  function end(trade: Trade, state: Trade['state']): Trade {
    trade.state = state;
    open.delete(trade);
    onChange(trade);
    return trade;
  }

  /** Memory is bounded: the oldest ended trade goes; with none among the oldest thousand, new ones are refused. */
  function makeRoom(): boolean {
    if (byNo.size < options.tradesMax) return true;
    let looked = 0;
    for (const trade of byNo.values()) {
      if (trade.state !== 'WAIT_SCAN') {
        byNo.delete(trade.orderNo);
        byToken.delete(trade.token);
        evicted += 1;
        return true;
      }
      looked += 1;
      if (looked >= 1_000) break;
    }
    return false;
  }
}
