import { z } from 'zod';
import { baseUrlField } from '../base-address';
import { ipsAllowedField } from '../ips-allowed';

const publicKey = z
  .string()
  .max(500)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'wants the verification key as SendGrid shows it');

export const sendgridConfiguration = z.strictObject({
  baseUrl: baseUrlField('https://api.sendgrid.com'),
  apiKey: z
    .string()
    .max(200)
    .regex(/^SG\.[\x21-\x7e]+$/, 'wants a key that begins with SG.'),
  fromEmail: z.email(),
  fromName: z.string().min(1).max(100).optional(),
  /** Of the signed event webhook; without one no event is believed. */
  webhookPublicKey: publicKey.optional(),
  previousWebhookPublicKey: publicKey.optional(),
  webhookIpsAllowed: ipsAllowedField,
});

export type SendgridConfiguration = z.infer<typeof sendgridConfiguration>;
