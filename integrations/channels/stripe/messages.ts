import { z } from 'zod';

/** Of Stripe's objects only what payments need; what does not parse is not believed. */

export const referenceKey = 'durapay_reference';
/** Which capture took it: there is one of an intent, and the same amount may be asked for twice. */
export const captureKey = 'durapay_capture';

const units = z.int().min(0);
const metadata = z.record(z.string(), z.string());
const moment = z.int().min(0).max(9_999_999_999);

export const intentSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('payment_intent'),
  /** Any word: what we do not know is an unknown outcome, not a bad message. */
  status: z.string(),
  amount: units,
  amount_received: units,
  currency: z.string().regex(/^[a-z]{3}$/),
  client_secret: z.string().max(1_000).nullish(),
  metadata,
  last_payment_error: z
    .object({ code: z.string().max(100).nullish(), decline_code: z.string().max(100).nullish() })
    .nullish(),
});

export type StripeIntent = z.infer<typeof intentSchema>;

export const refundSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('refund'),
  status: z.string(),
  amount: units,
  currency: z.string().regex(/^[a-z]{3}$/),
  metadata: metadata.nullable(),
  /** Of use where it reads, but our own refund is believed without it. */
  payment_intent: z.string().min(1).max(255).nullish().catch(undefined),
  failure_reason: z.string().max(100).nullish(),
  /** When its money left the balance. Of use where it reads, but the refund is believed without it. */
  created: moment.nullish().catch(undefined),
});

export const disputeSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('dispute'),
  status: z.string(),
  amount: units,
  currency: z.string().regex(/^[a-z]{3}$/),
  reason: z.string().min(1).max(100),
  payment_intent: z.string().min(1).max(255).nullish(),
  evidence_details: z.object({
    due_by: z.int().min(0).max(9_999_999_999).nullish(),
    has_evidence: z.boolean(),
  }),
  balance_transactions: z
    .array(z.object({ fee: z.int(), currency: z.string().max(3) }))
    .max(100)
    .default([]),
});

export type StripeDispute = z.infer<typeof disputeSchema>;

export const fileSchema = z.object({ id: z.string().min(1).max(255), object: z.literal('file') });

const personal = z.string().max(1_000).nullish();

export const customerSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('customer'),
  deleted: z.boolean().optional(),
  name: personal,
  email: personal,
  phone: personal,
});

export const methodSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('payment_method'),
  card: z.object({
    brand: z.string().max(40),
    last4: z.string().regex(/^[0-9]{4}$/),
    exp_month: z.int().min(1).max(12),
    exp_year: z.int().min(2_000).max(2_200),
  }),
});

export const movementSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('balance_transaction'),
  amount: z.int(),
  fee: z.int(),
  net: z.int(),
  currency: z.string().regex(/^[a-z]{3}$/),
  reporting_category: z.string().max(100),
  created: moment,
  available_on: moment,
  source: z
    .union([
      z.string().max(255),
      z.object({
        id: z.string().min(1).max(255),
        metadata: metadata.nullish(),
        payment_intent: z.string().max(255).nullish(),
      }),
    ])
    .nullish(),
});

export type StripeMovement = z.infer<typeof movementSchema>;

/** A page of a list or of a search. */
export const pageSchema = z.object({ data: z.array(z.unknown()), has_more: z.boolean() });

export const eventSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('event'),
  type: z.string().max(100),
  created: z.int().min(0).max(9_999_999_999),
  livemode: z.boolean(),
  data: z.object({ object: z.unknown(), previous_attributes: z.unknown().optional() }),
});

export type StripeEvent = z.infer<typeof eventSchema>;

/** What an object says of itself and of whose it is. */
export const namedSchema = z.object({
  id: z.string().min(1).max(255).optional(),
  object: z.string().max(100).optional(),
  customer: z.string().min(1).max(255).nullish(),
});

/** An error brings along the intent it speaks of. */
export const refusalSchema = z.object({
  payment_intent: z.unknown().optional(),
  param: z.string().max(100).nullish(),
});
