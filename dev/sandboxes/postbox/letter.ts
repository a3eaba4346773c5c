import { createHash } from 'node:crypto';
import { z } from 'zod';

/** One mail or SMS that was taken, as the book keeps it. */
export const letterSchema = z.object({
  /** The provider's number of it; the journal's name for what it keeps lines by. */
  orderNo: z.string(),
  provider: z.enum(['sendgrid', 'twilio', 'aliyun']),
  account: z.string(),
  kind: z.enum(['mail', 'sms']),
  /** The sender's own name of it; a sender of SMS through Twilio has none. */
  reference: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  /** Where news of it go; null: nobody wants any. */
  newsUrl: z.string().nullable(),
  status: z.enum(['taken', 'delivered', 'undelivered']),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
});

export type Letter = z.infer<typeof letterSchema>;

/** A number that looks like the provider's and is the same for the same words. */
export function derivedHex(length: number, ...words: string[]): string {
  return createHash('sha256').update(words.join('/')).digest('hex').slice(0, length);
}

/** Addresses that something is the matter with: docs/messaging.md lists them. */
export function fateOfAddress(to: string): 'delivered' | 'undelivered' | 'silent' {
  if (/^bounce[.+@]/.test(to) || /404$/.test(to)) return 'undelivered';
  return /^silent[.+@]/.test(to) || /000$/.test(to) ? 'silent' : 'delivered';
}
