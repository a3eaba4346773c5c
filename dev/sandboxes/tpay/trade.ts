import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What the sandbox's book knows of one trade; everything in it survives a restart. Amounts in whole dollars. */
const refundSchema = z.object({
  refundId: z.string(),
  refundNo: z.string(),
  amount: z.int(),
  state: z.enum(['PROCESSING', 'SUCCESS', 'FAIL']),
  createdAt: z.number(),
  /** How often it was asked for, and how often money went back: the second must never pass one. */
  asked: z.int(),
  effects: z.int(),
});

export const tradeSchema = z.object({
  tradeNo: z.string(),
  /** The merchant's own number of the trade. */
  orderNo: z.string(),
  /** What the QR code leads to. */
  token: z.string(),
  state: z.enum(['WAIT_SCAN', 'SUCCESS', 'FAIL', 'CLOSED']),
  amount: z.int(),
  subject: z.string(),
  notifyUrl: z.string(),
  returnUrl: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
  paidAt: z.number().nullable(),
  failReason: z.string().nullable(),
  /** How often its creation was asked for, and how often money was taken: the second must never pass one. */
  creates: z.int(),
  charges: z.int(),
  refunds: z.array(refundSchema),
});

export type Trade = z.infer<typeof tradeSchema>;
export type Refund = z.infer<typeof refundSchema>;

/** Ids are made from what they name, so a sandbox that lost its book still gives no id twice to two things. */
export function derivedId(prefix: string, ...names: string[]): string {
  return prefix + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 24);
}

export function refunded(trade: Trade): number {
  return trade.refunds.reduce((sum, { state, amount }) => (state === 'FAIL' ? sum : sum + amount), 0);
}

/** The trade in TPay's own words. */
export function tradeMessage(trade: Trade, publicUrl: string) {
  return {
    trade_no: trade.tradeNo,
    out_trade_no: trade.orderNo,
    state: trade.state,
    amount: decimal(trade.amount),
    currency: 'TWD',
    refunded_amount: decimal(refunded(trade)),
    qr_content: trade.state === 'WAIT_SCAN' ? `${publicUrl}/wallet/${trade.token}` : '',
    fail_reason: trade.failReason ?? '',
    time_created: taipeiTime(trade.createdAt),
    time_expire: taipeiTime(trade.expiresAt),
    time_paid: trade.paidAt === null ? '' : taipeiTime(trade.paidAt),
  };
}

export function refundMessage(trade: Trade, refund: Refund) {
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.refundNo,
    out_trade_no: trade.orderNo,
    state: refund.state,
    amount: decimal(refund.amount),
    currency: 'TWD',
    fail_reason: refund.state === 'FAIL' ? 'WALLET_CLOSED' : '',
    time_created: taipeiTime(refund.createdAt),
  };
}

function decimal(dollars: number): string {
  return `${dollars}.00`;
}

/** Undefined if it is no amount of whole dollars, written with its two decimals. */
export function dollars(text: string): number | undefined {
  return /^(0|[1-9][0-9]{0,8})\.00$/.test(text) ? Number(text.slice(0, -3)) : undefined;
}

const taipeiOffsetMs = 8 * 3_600_000;

/** `2026-01-01 08:00:00`, on a clock in Taipei. */
export function taipeiTime(ms: number): string {
  return new Date(ms + taipeiOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}
