import { z } from 'zod';
import { parseMoment } from '../../../domain/moment';

/** TPay's messages as docs/channels/tpay.md gives them: what does not parse is not believed. */

export const envelopeSchema = z.object({
  code: z.string().min(1).max(20),
  msg: z.string().max(1_000).optional(),
  data: z.unknown().optional(),
});

const currency = z.literal('TWD');

/** Whole dollars with their two decimals; digits are kept as text, no number ever holds them. */
const amount = z.string().regex(/^(0|[1-9][0-9]{0,14})\.00$/);

/** `2026-01-01 08:00:00` on a clock in Taipei, which knows no summer time. */
const taipeiTime = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

export const tradeSchema = z.object({
  trade_no: z.string().min(1).max(255),
  out_trade_no: z.string().min(1).max(64),
  /** Any word: what we do not know is an unknown outcome, not a bad message. */
  state: z.string(),
  amount,
  currency,
  qr_content: z.string().max(4_096).nullish(),
  fail_reason: z.string().max(100).nullish(),
  /** Empty until it is. Of use where it reads, but the trade is believed without it. */
  time_paid: z.string().max(40).nullish().catch(undefined),
});

export type TpayTrade = z.infer<typeof tradeSchema>;

export const refundSchema = z.object({
  refund_id: z.string().min(1).max(255),
  out_refund_no: z.string().min(1).max(64),
  out_trade_no: z.string().min(1).max(64),
  state: z.string(),
  amount,
  currency,
  fail_reason: z.string().max(100).nullish(),
});

export const notificationSchema = z.object({
  notify_id: z.string().min(1).max(255),
  notify_type: z.string().max(100),
  notify_time: taipeiTime,
  app_id: z.string(),
  trade: z.unknown().optional(),
  refund: z.unknown().optional(),
});

export type TpayNotification = z.infer<typeof notificationSchema>;

export function amountText(dollars: bigint): string {
  return `${dollars}.00`;
}

/** The digits of whole dollars, which are TWD's smallest unit here. */
export function amountMinor(text: string): string {
  return text.slice(0, -'.00'.length);
}

/** Undefined if the calendar has no such moment. */
export function instantOf(time: string): string | undefined {
  return parseMoment(`${time.replace(' ', 'T')}+08:00`)?.toISOString();
}
