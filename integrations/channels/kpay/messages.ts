import { z } from 'zod';

/** KPay's messages as docs/channels/kpay.md gives them: what does not parse is not believed. */

/** A JSON number past 2^53 has lost digits before we see it; `z.int()` takes safe integers only. */
const amount = z.int().min(0);

/** Of use where it reads, but what it stands in is believed without it. */
const moment = z.iso.datetime().nullish().catch(undefined);

export const orderSchema = z.object({
  order_id: z.string().min(1).max(255),
  merchant_id: z.string(),
  merchant_order_no: z.string().min(1).max(64),
  /** Any word: what we do not know is an unknown outcome, not a bad message. */
  status: z.string(),
  amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  checkout_url: z.url({ protocol: /^https?$/ }).nullish(),
  /** Of a reserved order, all that was captured; null for one that was charged at once. */
  captured_amount: amount.nullish(),
  failure_code: z.string().max(100).nullish(),
  paid_at: z.iso.datetime().nullish(),
});

export type KpayOrder = z.infer<typeof orderSchema>;

export const captureSchema = z.object({
  capture_id: z.string().min(1).max(255),
  capture_no: z.string(),
  merchant_order_no: z.string(),
  status: z.string(),
  amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  created_at: moment,
});

export const refundSchema = z.object({
  refund_id: z.string().min(1).max(255),
  refund_no: z.string().min(1).max(64),
  merchant_order_no: z.string(),
  status: z.string(),
  amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  failure_code: z.string().max(100).nullish(),
  /** When KPay's statement has it, though it may end later. */
  created_at: moment,
});

export const disputeSchema = z.object({
  dispute_id: z.string().min(1).max(255),
  merchant_order_no: z.string().min(1).max(64),
  status: z.string(),
  amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  reason_code: z.string().max(100),
  evidence_due_at: z.iso.datetime().nullish(),
});

export const errorSchema = z.object({
  error: z.object({
    code: z.string().min(1).max(100),
    message: z.string().optional(),
    /** `already_paid` brings the order along. */
    order: z.unknown().optional(),
  }),
});

export const eventSchema = z.object({
  id: z.string().min(1).max(255),
  type: z.string().max(100),
  created_at: z.iso.datetime(),
  data: z.object({ order: z.unknown(), refund: z.unknown().optional(), dispute: z.unknown().optional() }),
});

export interface CreateOrder {
  merchant_order_no: string;
  amount: bigint;
  currency: string;
  capture: 'automatic' | 'manual';
  method?: string;
  description: string;
  notify_url: string;
  return_url?: string;
  expires_at: string;
}
