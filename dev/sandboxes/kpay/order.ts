import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What the sandbox's book knows of one order; everything in it survives a restart. */
export const refundSchema = z.object({
  refundId: z.string(),
  refundNo: z.string(),
  amount: z.int(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  failureCode: z.string().nullable().default(null),
  createdAt: z.number(),
  /** How often it was asked for, and how often money went back: the second must never pass one. */
  asked: z.int().default(1),
  effects: z.int().default(1),
});

const captureSchema = z.object({
  captureId: z.string(),
  captureNo: z.string(),
  amount: z.int(),
  isFinal: z.boolean(),
  createdAt: z.number(),
  asked: z.int(),
  effects: z.int(),
});

const disputeSchema = z.object({
  disputeId: z.string(),
  amount: z.int(),
  reasonCode: z.string(),
  status: z.enum(['open', 'won', 'lost']),
  openedAt: z.number(),
  evidenceDueAt: z.number(),
  endedAt: z.number().nullable(),
  evidence: z.array(z.object({ evidenceNo: z.string(), text: z.string(), documents: z.int() })),
});

export const orderSchema = z.object({
  orderId: z.string(),
  orderNo: z.string(),
  /** The customer's key to the checkout page. */
  token: z.string(),
  status: z.enum(['pending', 'authorized', 'paid', 'failed', 'cancelled', 'expired']),
  amount: z.int(),
  currency: z.string(),
  capture: z.enum(['automatic', 'manual']).default('automatic'),
  method: z.enum(['card', 'wallet']).nullable().default(null),
  description: z.string(),
  notifyUrl: z.string(),
  returnUrl: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
  authorizedAt: z.number().nullable().default(null),
  paidAt: z.number().nullable(),
  failureCode: z.string().nullable(),
  /** How often its creation was asked for, and how often money was taken: the second must never pass one. */
  creates: z.int(),
  charges: z.int(),
  captures: z.array(captureSchema).default([]),
  refunds: z.array(refundSchema),
  disputes: z.array(disputeSchema).default([]),
});

export type Order = z.infer<typeof orderSchema>;
export type Capture = z.infer<typeof captureSchema>;
export type Dispute = z.infer<typeof disputeSchema>;
export type Refund = z.infer<typeof refundSchema>;

/** Ids are made from what they name, so a sandbox that lost its book still gives no id twice to two things. */
export function derivedId(prefix: string, ...names: string[]): string {
  return prefix + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 24);
}

/** What the merchant gets of it: an automatic order's whole amount, a reserved one's captures. */
export function charged(order: Order): number {
  if (order.capture === 'manual') return order.captures.reduce((sum, { amount }) => sum + amount, 0);
  return order.paidAt === null ? 0 : order.amount;
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
    capture: order.capture,
    method: order.method,
    captured_amount: order.capture === 'manual' ? charged(order) : null,
    refunded_amount: refunded(order),
    checkout_url: `${publicUrl}/checkout/${order.token}`,
    failure_code: order.failureCode,
    created_at: instant(order.createdAt),
    expires_at: instant(order.expiresAt),
    authorized_at: order.authorizedAt === null ? null : instant(order.authorizedAt),
    paid_at: order.paidAt === null ? null : instant(order.paidAt),
  };
}

export function captureMessage(order: Order, capture: Capture) {
  return {
    capture_id: capture.captureId,
    capture_no: capture.captureNo,
    merchant_order_no: order.orderNo,
    status: 'succeeded',
    amount: capture.amount,
    currency: order.currency,
    final: capture.isFinal,
    created_at: instant(capture.createdAt),
  };
}

export function disputeMessage(order: Order, dispute: Dispute) {
  return {
    dispute_id: dispute.disputeId,
    merchant_order_no: order.orderNo,
    status: dispute.status,
    amount: dispute.amount,
    currency: order.currency,
    reason_code: dispute.reasonCode,
    evidence_due_at: instant(dispute.evidenceDueAt),
    evidence_count: dispute.evidence.length,
    opened_at: instant(dispute.openedAt),
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
    failure_code: refund.failureCode,
    created_at: instant(refund.createdAt),
  };
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
