import { z } from 'zod';
import { baseUrlField } from '../base-address';
import { ipsAllowedField } from '../ips-allowed';

const token = z.string().regex(/^[\x21-\x7e]{16,100}$/, 'wants an auth token as Twilio shows it');

export const twilioConfiguration = z
  .strictObject({
    baseUrl: baseUrlField('https://api.twilio.com'),
    accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'wants AC and 32 hex digits'),
    authToken: token,
    /** Still signs callbacks for a while after the tokens were exchanged. */
    previousAuthToken: token.optional(),
    webhookIpsAllowed: ipsAllowedField,
    from: z
      .string()
      .regex(
        /^(\+[1-9][0-9]{4,14}|[A-Za-z0-9 ]{1,11})$/,
        'wants a number such as +15005550006, or a sender id',
      )
      .optional(),
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-fA-F]{32}$/, 'wants MG and 32 hex digits')
      .optional(),
  })
  .refine(({ from, messagingServiceSid }) => (from === undefined) !== (messagingServiceSid === undefined), {
    path: ['from'],
    error: 'wants either from or messagingServiceSid',
  });

export type TwilioConfiguration = z.infer<typeof twilioConfiguration>;
