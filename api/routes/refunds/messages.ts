import { z } from 'zod';
import type { PublicRefund } from '../../../domain/refund/present';
import { refundStatuses } from '../../../domain/refund/status';
import { amountInput, amountOutput } from '../../schemas/amount';
import { idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';
import { suspenseIdInput } from '../suspense/messages';

const what = {
  amount: amountInput.optional().meta({
    description: 'In the currency of the money that is given back; all that is left, if left out.',
  }),
  reason: z.string().trim().max(500).default(''),
  suspenseId: suspenseIdInput.optional().meta({
    description:
      'Refunds money that came late, twice or in another amount and was accepted, instead of the payment’s own: the id that payment.late_money_accepted told.',
  }),
  refundNo: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{1,64}$/, 'wants 1 to 64 of the characters A–Z a–z 0–9 . _ ~ -')
    .optional()
    .meta({
      description:
        "The merchant's own number for this refund. One refundNo is one refund for ever: repeating the request is safe.",
    }),
};

export const refundPaymentBody = z.strictObject(what).meta({ id: 'RefundPayment' });

const ofWhich = z.string().min(1).max(64).optional();

export const createRefundBody = z
  .strictObject({
    paymentId: ofWhich.meta({ description: 'The payment’s id; or its orderId instead.' }),
    orderId: ofWhich,
    ...what,
  })
  .refine(({ paymentId, orderId }) => (paymentId === undefined) !== (orderId === undefined), {
    path: ['paymentId'],
    message: 'wants either paymentId or orderId',
  })
  .meta({ id: 'CreateRefund' });

export const refundBody = z
  .object({
    id: idOutput('refund'),
    object: z.literal('refund'),
    mode: modeField,
    merchantId: idOutput('merchant'),
    paymentId: idOutput('payment'),
    refundNo: z.string().nullable(),
    kind: z.enum(['merchant', 'late_money', 'accepted_money']).meta({
      description:
        'merchant: of the payment’s own money. late_money: money that came when its payment could not take it, given back. accepted_money: the same, but the merchant had accepted it.',
    }),
    suspenseId: z.string().nullable().meta({
      description: 'Which late money it gives back; null where it is the payment’s own.',
    }),
    status: z.enum(refundStatuses).meta({
      description:
        'pending: the channel has not taken it yet. processing: the channel has it. unknown: the channel is being asked what became of it.',
    }),
    amount: amountOutput,
    currency: z.string(),
    reason: z.string(),
    error: z.object({ code: z.string(), message: z.string(), rawCode: z.string().optional() }).nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Refund' }) satisfies z.ZodType<Omit<PublicRefund, 'mode'>>;
