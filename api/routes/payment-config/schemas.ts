import { z } from 'zod';
import { usualRules } from '../../../domain/payment/plan';
import { formatAmount } from '../../../domain/money/amount';
import { publicId } from '../../../domain/ids';
import type { PaymentConfigRow } from '../../../db/stores/payment-configs-store';
import { amountInput, amountOutput, currencyInput } from '../../schemas/amount';
import { callbackUrl } from '../../schemas/callback-url';
import { idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';
import { versionNumber } from '../../schemas/config-version';

export const paymentConfigInput = z.strictObject({
  version: versionNumber.optional().meta({
    description:
      'The version you read; the write fails if it has changed since. The first configuration of a mode needs none, or 0.',
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
  attemptsMax: z
    .int()
    .min(1)
    .max(50)
    .default(usualRules.attemptsMax)
    .meta({ description: 'How often a declined payment may be tried, the first time included.' }),
  captureWithinSeconds: z
    .int()
    .min(1)
    .max(2_592_000)
    .default(usualRules.captureWithinMs / 1_000)
    .meta({
      description: 'How long a reservation is kept for its capture.',
    }),
  captureAtDeadline: z.enum(['capture', 'void']).default(usualRules.captureAtDeadline).meta({
    description: 'What becomes of what is not captured by then: taken, or given free.',
  }),
  reviewAbove: z
    .record(z.string(), amountInput)
    .default({})
    .meta({ description: 'By currency: a payment above it waits for an operator of the platform.' }),
  reviewWithinSeconds: z
    .int()
    .min(1)
    .max(2_592_000)
    .default(usualRules.reviewWithinMs / 1_000)
    .meta({
      description:
        'How long it waits, at most; never longer than the payment lives. Once it is approved the customer has all of the time to pay, from then on.',
    }),
  reviewAtDeadline: z.enum(['approve', 'reject']).default(usualRules.reviewAtDeadline).meta({
    description: 'What is done when nobody has decided by then.',
  }),
  lateMoney: z.enum(['refund', 'accept', 'ask']).default(usualRules.lateMoney).meta({
    description:
      'What becomes of money that comes when its payment can not take it: after its end, twice, or in another amount. ask: an operator decides.',
  }),
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
    attemptsMax: z.int(),
    captureWithinSeconds: z.int(),
    captureAtDeadline: z.enum(['capture', 'void']),
    reviewAbove: z.record(z.string(), amountOutput),
    reviewWithinSeconds: z.int(),
    reviewAtDeadline: z.enum(['approve', 'reject']),
    lateMoney: z.enum(['refund', 'accept', 'ask']),
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
    attemptsMax: row.rules.attemptsMax,
    captureWithinSeconds: row.rules.captureWithinMs / 1_000,
    captureAtDeadline: row.rules.captureAtDeadline,
    reviewAbove: Object.fromEntries(
      Object.entries(row.reviewAbove).map(([currency, above]) => [
        currency,
        formatAmount(BigInt(above), currency),
      ]),
    ),
    reviewWithinSeconds: row.rules.reviewWithinMs / 1_000,
    reviewAtDeadline: row.rules.reviewAtDeadline,
    lateMoney: row.rules.lateMoney,
    updatedAt: row.updatedAt.toISOString(),
  };
}
