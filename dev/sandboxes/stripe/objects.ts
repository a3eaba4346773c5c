import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What the sandbox's book knows; everything in it survives a restart. Amounts in Stripe's units. */

/** `key` is the idempotency key; money moved `effects` times for it. */
const movement = { key: z.string(), amount: z.int(), effects: z.int() };

const refundSchema = z.object({
  ...movement,
  id: z.string(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  metadata: z.record(z.string(), z.string()),
  createdAt: z.number(),
});

const disputeSchema = z.object({
  id: z.string(),
  status: z.enum(['needs_response', 'under_review', 'won', 'lost']),
  amount: z.int(),
  reason: z.string(),
  openedAt: z.number(),
  dueAt: z.number(),
  endedAt: z.number().nullable(),
  /** The idempotency keys under which evidence was submitted: Stripe lets that happen once. */
  evidence: z.array(z.object({ key: z.string(), text: z.string(), file: z.string().nullable() })),
});

export const intentSchema = z.object({
  id: z.string(),
  clientSecret: z.string(),
  status: z.enum([
    'requires_payment_method',
    'requires_confirmation',
    'requires_capture',
    'succeeded',
    'canceled',
  ]),
  amount: z.int(),
  amountReceived: z.int(),
  currency: z.string(),
  captureMethod: z.enum(['automatic', 'manual']),
  description: z.string(),
  metadata: z.record(z.string(), z.string()),
  customer: z.string().nullable(),
  /** The method is to be kept for the customer once it was paid with. */
  keepsMethod: z.boolean(),
  paymentMethod: z.string().nullable(),
  declineCode: z.string().nullable(),
  createdAt: z.number(),
  chargedAt: z.number().nullable(),
  /** How often money was taken: it must never pass one. */
  charges: z.int(),
  captures: z.array(z.object(movement)),
  refunds: z.array(refundSchema),
  disputes: z.array(disputeSchema),
});

export type Intent = z.infer<typeof intentSchema>;
export type Refund = z.infer<typeof refundSchema>;
export type Dispute = z.infer<typeof disputeSchema>;

/** Ids are made from what they name, so a sandbox that lost its book still gives no id twice to two things. */
export function derivedId(prefix: string, ...names: string[]): string {
  return prefix + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 24);
}

export function refunded(intent: Intent): number {
  return intent.refunds.reduce((sum, { status, amount }) => (status === 'failed' ? sum : sum + amount), 0);
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
