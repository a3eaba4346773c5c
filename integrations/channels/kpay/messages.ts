import { z } from 'zod';

/** KPay's messages as docs/channels/kpay.md gives them: what does not parse is not believed. */

/** A JSON number past 2^53 has lost digits before we see it; `z.int()` takes safe integers only. */
const amount = z.int().min(0);

export const orderSchema = z.object({
  order_id: z.string().min(1).max(255),
  merchant_id: z.string(),
  merchant_order_no: z.string().min(1).max(64),
  /** Any word: what we do not know is an unknown outcome, not a bad message. */
  status: z.string(),
  amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  checkout_url: z.url({ protocol: /^https?$/ }).nullish(),
  failure_code: z.string().max(100).nullish(),
  paid_at: z.iso.datetime().nullish(),
});

export type KpayOrder = z.infer<typeof orderSchema>;

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
  data: z.object({ order: z.unknown() }),
});

export interface CreateOrder {
  merchant_order_no: string;
  amount: bigint;
  currency: string;
  description: string;
  notify_url: string;
  return_url?: string;
  expires_at: string;
}
