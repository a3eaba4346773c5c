import { z } from 'zod';
import { formatAmount } from '../../../domain/money/amount';
import { publicId } from '../../../domain/ids';
import type { PaymentConfigRow } from '../../../db/stores/payment-configs-store';
import { amountInput, amountOutput, currencyInput } from '../../schemas/amount';
import { callbackUrl } from '../../schemas/callback-url';
import { idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

export const paymentConfigInput = z.strictObject({
  version: z.int().min(0).optional().meta({
    description: 'The version you read (0 for the first); the write fails if it has changed since.',
  }),
  currencies: z.array(currencyInput).min(1).max(200),
  channels: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(50)
    .meta({
      description: 'In the order of preference: ids of channel configurations, or names of channels.',
      examples: [['kpay']],
    }),
  callbackUrl: callbackUrl.nullable().default(null),
  expiresInSeconds: z.int().min(1).max(2_592_000).optional(),
  limits: z
    .record(z.string(), z.strictObject({ min: amountInput.optional(), max: amountInput.optional() }))
    .default({})
    .meta({ description: 'By currency: the smallest and the largest payment.' }),
});

export const paymentConfigOutput = z
  .object({
    object: z.literal('payment_config'),
    merchantId: idOutput('merchant'),
    mode: modeField,
    version: z.int(),
    currencies: z.array(z.string()),
    channels: z.array(idOutput('channelConfig')),
    callbackUrl: z.string().nullable(),
    callbackEndpointId: idOutput('webhookEndpoint').nullable(),
    expiresInSeconds: z.int(),
    limits: z.record(z.string(), z.object({ min: amountOutput.optional(), max: amountOutput.optional() })),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'PaymentConfig' });

export const writtenPaymentConfigOutput = z
  .object({
    ...paymentConfigOutput.shape,
    callbackSecret: z.string().nullable().meta({
      description: 'What callbacks are signed with: shown once, when their address is first set; else null.',
    }),
  })
  .meta({ id: 'WrittenPaymentConfig' });

export const callbackSecretOutput = z
  .object({
    object: z.literal('callback_secret'),
    callbackEndpointId: idOutput('webhookEndpoint'),
    callbackSecret: z.string().meta({ description: 'Shown in this answer only.' }),
    previousSecretUntil: z.iso.datetime(),
  })
  .meta({ id: 'CallbackSecret' });

export function presentPaymentConfig(row: PaymentConfigRow): z.input<typeof paymentConfigOutput> {
  return {
    object: 'payment_config',
    merchantId: publicId('merchant', row.merchantId),
    mode: row.mode,
    version: row.version,
    currencies: row.currencies,
    channels: row.channelConfigIds.map((id) => publicId('channelConfig', id)),
    callbackUrl: row.callbackUrl,
    callbackEndpointId:
      row.callbackEndpointId === null ? null : publicId('webhookEndpoint', row.callbackEndpointId),
    expiresInSeconds: Number(row.expiryMs / 1_000n),
    limits: Object.fromEntries(
      Object.entries(row.limits).map(([currency, { min, max }]) => [
        currency,
        {
          ...(min === undefined ? {} : { min: formatAmount(BigInt(min), currency) }),
          ...(max === undefined ? {} : { max: formatAmount(BigInt(max), currency) }),
        },
      ]),
    ),
    updatedAt: row.updatedAt.toISOString(),
  };
}
