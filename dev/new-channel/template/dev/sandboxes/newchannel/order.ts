import { createHash } from 'node:crypto';
import { z } from 'zod';

const refundSchema = z.object({
  refundId: z.string(),
  refundNo: z.string(),
  amount: z.int(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  createdAt: z.number(),
  /** How often it was asked for, and how often money went back: the second must never pass one. */
  asked: z.int(),
  effects: z.int(),
});

/** What the book knows of one order; all of it survives a restart. Amounts in the currency's smallest unit. */
export const orderSchema = z.object({
  orderId: z.string(),
  /** The merchant's own number of it. */
  orderNo: z.string(),
  /** The customer's key to the order. */
  token: z.string(),
  status: z.enum(['open', 'paid', 'declined', 'closed']),
  amount: z.int(),
  currency: z.string(),
  description: z.string(),
  notifyUrl: z.string(),
  returnUrl: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
  paidAt: z.number().nullable(),
  declineReason: z.string().nullable(),
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
  return order.refunds.reduce((sum, { status, amount }) => (status === 'failed' ? sum : sum + amount), 0);
}
