import { z } from 'zod';

/** Of Twilio's messages only what deliveries need; what does not parse is not believed. */

const sid = z.string().regex(/^(SM|MM)[0-9a-f]{32}$/i);

export const messageSchema = z.object({
  sid,
  /** Any word: what we do not know is an unknown fate, not a bad message. */
  status: z.string().max(100),
  error_code: z.int().nullish(),
});

export const refusalSchema = z.object({ code: z.int(), message: z.string() });

export const accountSchema = z.object({ sid: z.string(), status: z.string().max(100) });

/** A status callback: a form, of which these fields count. */
export const callbackSchema = z.object({
  MessageSid: sid,
  MessageStatus: z.string().max(100),
  AccountSid: z.string().max(100),
  ErrorCode: z.string().max(20).optional(),
});
