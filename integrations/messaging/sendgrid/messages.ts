import { z } from 'zod';

/** Of SendGrid's messages only what deliveries need; what does not parse is not believed. */

/** Travels with the mail and comes back in each event about it. */
export const referenceArg = 'durapay_message';

export const refusalSchema = z.object({
  errors: z
    .array(z.object({ message: z.string(), field: z.string().nullish() }))
    .min(1)
    .max(1_000),
});

export const scopesSchema = z.object({ scopes: z.array(z.string()).max(10_000) });

export const eventSchema = z.object({
  event: z.string().max(100),
  sg_event_id: z.string().min(1).max(255),
  sg_message_id: z.string().min(1).max(500),
  timestamp: z.int().min(0).max(9_999_999_999),
  [referenceArg]: z.string().max(100).optional(),
  reason: z.string().max(10_000).nullish(),
  status: z.string().max(100).nullish(),
});

export type SendgridEvent = z.infer<typeof eventSchema>;
