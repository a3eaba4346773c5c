import { z } from 'zod';
import type { PublicPayment } from '../../../domain/payment/present';
import { paymentMethods } from '../../../domain/payment/request';
import { channelName } from '../../schemas/channel-name';
import { callbackUrl } from '../../schemas/callback-url';
import { amountInput, currencyInput } from '../../schemas/amount';
import { idInput, idOutput } from '../../schemas/ids';

const orderId = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,64}$/, 'wants 1 to 64 of the characters A–Z a–z 0–9 . _ ~ -')
  .refine((text) => !text.startsWith('pay_'), 'must not begin with pay_: that is how payment ids begin')
  .refine((text) => !/^\.\.?$/.test(text), 'must not be . or ..: in an address they mean another place')
  .meta({
    description:
      "The merchant's own number for this payment. One orderId is one payment for ever; no personal data.",
  });

export const startPaymentBody = z
  .strictObject({
    orderId,
    amount: amountInput,
    currency: z.string().max(10).optional().meta({ description: "Defaults to the merchant's currency." }),
    provider: channelName
      .optional()
      .meta({ description: 'A channel by name; without it, or with "auto", the platform chooses.' }),
    description: z.string().max(500).default(''),
    returnUrl: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional()
      .meta({ description: "Where the customer's browser goes afterwards." }),
    metadata: z
      .record(z.string().max(40), z.string().max(500))
      .refine((pairs) => Object.keys(pairs).length <= 20, 'holds 20 pairs at most')
      .default({}),
    method: z
      .enum(paymentMethods)
      .optional()
      .meta({ description: 'How the customer wants to pay; without it the channel asks.' }),
    capture: z
      .enum(['automatic', 'manual'])
      .default('automatic')
      .meta({ description: 'manual: only reserve the money, and capture it by a call of its own.' }),
    customer: z
      .strictObject({ name: z.string().max(200), email: z.email().max(200), phone: z.string().max(40) })
      .partial()
      .optional()
      .meta({ description: 'Personal data: kept encrypted, never in logs.' }),
    clientIp: z.union([z.ipv4(), z.ipv6()]).optional(),
    deviceFingerprint: z.string().max(200).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'wants two capital letters (ISO 3166), such as TW')
      .optional()
      .meta({
        description: 'Where the customer is, ISO 3166 (two capitals): routing may ask for it.',
        examples: ['TW'],
      }),
    callbackUrl: callbackUrl.optional().meta({
      description:
        "Where this payment's callbacks go instead of the merchant's usual address; signed with the same secret.",
    }),
    settleCurrency: currencyInput.optional().meta({
      description:
        'Credit the merchant in this currency instead: what is captured is exchanged at a rate locked when the payment begins.',
    }),
    quoteId: idInput('exchangeQuote').optional().meta({
      description: 'The quote to exchange at; without one the newest rate is locked.',
    }),
    expiresInSeconds: z.int().min(60).max(2_592_000).optional(),
    saveMethodFor: idInput('customer').optional().meta({
      description: 'A customer: what they pay with is kept by the channel, for later payments.',
    }),
    savedMethod: idInput('savedMethod').optional().meta({
      description:
        'A kept payment method: it is charged at once, without the customer. When the bank wants them (lastError authentication_required), POST …/attempts brings what they have to do.',
    }),
  })
  .refine(({ savedMethod, saveMethodFor }) => savedMethod === undefined || saveMethodFor === undefined, {
    path: ['saveMethodFor'],
    message: 'is not for a method that is kept already',
  })
  .meta({ id: 'StartPayment' });

const nextAction = z.discriminatedUnion('type', [
  z.object({ type: z.literal('redirect'), url: z.string() }),
  z.object({ type: z.literal('form_post'), url: z.string(), fields: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('qr_code'), content: z.string() }),
  z.object({ type: z.literal('client_secret'), secret: z.string() }),
  z.object({ type: z.literal('bank_transfer'), details: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('cash_code'), details: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('crypto_address'), address: z.string(), network: z.string() }),
  z
    .object({ type: z.literal('wait'), message: z.string() })
    .meta({ description: 'No channel can take it just now. The message may be shown to the customer.' }),
]);

export const paymentBody = z
  .object({
    id: z.string(),
    object: z.literal('payment'),
    mode: z.string(),
    merchantId: z.string(),
    orderId: z.string(),
    status: z.string().meta({
      description:
        'pending: no channel can take it just now; it is kept, and operators see to it. processing: the channel has not answered yet, or the customer has paid and it is still working on that. requires_action: see nextAction or lastError. unknown: the channel is being asked what became of it.',
    }),
    amount: z.string().meta({ description: 'Decimal, exact to the smallest unit of the currency.' }),
    currency: z.string(),
    capturedAmount: z.string(),
    refundedAmount: z.string(),
    method: z.string().nullable(),
    capture: z.enum(['automatic', 'manual']),
    description: z.string(),
    returnUrl: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    exchange: z
      .object({
        quoteId: idOutput('exchangeQuote'),
        settleCurrency: z.string(),
        rate: z.string().meta({ description: 'Units of settleCurrency for one of currency, as you get it.' }),
        marketRate: z.string().meta({ description: 'Before the spread.' }),
        spreadPercent: z.string(),
        source: z.string(),
        observedAt: z.string(),
      })
      .nullable()
      .meta({ description: 'The terms locked to this payment; null: it is settled in its own currency.' }),
    nextAction: nextAction.nullable(),
    lastError: z.object({ code: z.string(), message: z.string(), rawCode: z.string().optional() }).nullable(),
    attempts: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Payment' }) satisfies z.ZodType<PublicPayment>;

const reason = z.string().trim().min(1).max(500);

export const captureBody = z
  .strictObject({
    amount: amountInput.optional().meta({ description: 'All that is left of the reservation, if left out.' }),
    isFinal: z
      .boolean()
      .default(false)
      .meta({ description: 'Nothing more will be captured: the rest of the reservation is released.' }),
  })
  .meta({ id: 'CapturePayment' });

export const cancelBody = z
  .strictObject({ reason: reason.default('requested by the merchant') })
  .meta({ id: 'CancelPayment' });

export const attemptBody = z
  .strictObject({
    provider: channelName.optional().meta({
      description:
        'A channel by name; without it the one that the payment began with, if it named one; "auto": the platform chooses.',
    }),
    method: z
      .enum(paymentMethods)
      .optional()
      .meta({ description: "How the customer wants to pay now; without it, the payment's own method." }),
  })
  .meta({ id: 'AttemptPayment' });

export const reviewBody = z
  .strictObject({ decision: z.enum(['approve', 'reject']), reason })
  .meta({ id: 'ReviewPayment' });
