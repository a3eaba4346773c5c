import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What the sandbox's book knows of one order; everything in it survives a restart. */
export const refundSchema = z.object({
  refundId: z.string(),
  refundNo: z.string(),
  amount: z.int(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  createdAt: z.number(),
});

export const orderSchema = z.object({
  orderId: z.string(),
  orderNo: z.string(),
  /** The customer's key to the checkout page. */
  token: z.string(),
  status: z.enum(['pending', 'paid', 'failed', 'cancelled', 'expired']),
  amount: z.int(),
  currency: z.string(),
  description: z.string(),
  notifyUrl: z.string(),
  returnUrl: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
  paidAt: z.number().nullable(),
  failureCode: z.string().nullable(),
  /** How often its creation was asked for, and how often money was taken: the second must never pass one. */
  creates: z.int(),
  charges: z.int(),
  refunds: z.array(refundSchema),
});

export type Order = z.infer<typeof orderSchema>;
export type Refund = z.infer<typeof refundSchema>;

/** Ids are made from what they name, so a sandbox that lost its book still gives no id twice to two things. */
export function derivedId(prefix: string, ...names: string[]): string {
  return prefix + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 24);
}

export function refunded(order: Order): number {
  return order.refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);
}

/** The order in KPay's own words. */
export function orderMessage(order: Order, merchantId: string, publicUrl: string) {
  return {
    order_id: order.orderId,
    merchant_id: merchantId,
    merchant_order_no: order.orderNo,
    status: order.status,
    amount: order.amount,
    currency: order.currency,
    refunded_amount: refunded(order),
    checkout_url: `${publicUrl}/checkout/${order.token}`,
    failure_code: order.failureCode,
    created_at: instant(order.createdAt),
    expires_at: instant(order.expiresAt),
    paid_at: order.paidAt === null ? null : instant(order.paidAt),
  };
}

export function refundMessage(order: Order, refund: Refund) {
  return {
    refund_id: refund.refundId,
    refund_no: refund.refundNo,
    merchant_order_no: order.orderNo,
    status: refund.status,
    amount: refund.amount,
    currency: order.currency,
    failure_code: null,
    created_at: instant(refund.createdAt),
  };
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
