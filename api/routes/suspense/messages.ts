import { z } from 'zod';
import { formatAmount } from '../../../domain/money/amount';
import { publicId } from '../../../domain/ids';
import { parseSuspenseId, suspenseId } from '../../../domain/suspense/suspense-id';
import type { SuspendedMoney } from '../../../db/stores/suspense-store';
import { issueWith } from '../../middleware/validate';
import { amountOutput } from '../../schemas/amount';
import { idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

const idText = z.string().max(2_100).meta({ pattern: '^sus_[0-9a-f]+$' });

export const suspenseIdInPath = idText.transform((text, ctx) => {
  const key = parseSuspenseId(text);
  if (key !== undefined) return key;
  ctx.addIssue(issueWith('not_found'));
  return z.NEVER;
});

export const suspenseIdInput = idText.transform((text, ctx) => {
  const key = parseSuspenseId(text);
  if (key !== undefined) return key;
  ctx.addIssue(issueWith('parameter_invalid', 'Send an id as it was told: it begins with sus_.'));
  return z.NEVER;
});

export const decideBody = z
  .strictObject({ decision: z.enum(['refund', 'accept']), reason: z.string().trim().min(1).max(500) })
  .meta({ id: 'DecideSuspense' });

export const suspenseOutput = z
  .object({
    id: z.string(),
    object: z.literal('suspense'),
    mode: modeField,
    merchantId: idOutput('merchant'),
    paymentId: idOutput('payment'),
    orderId: z.string(),
    paymentStatus: z.string(),
    channel: z.string(),
    channelConfigId: idOutput('channelConfig'),
    providerRef: z.string(),
    amount: amountOutput.meta({ description: 'What came.' }),
    lostAmount: amountOutput.meta({
      description:
        'What of it was lost to disputes before anybody had decided: the decision is about the rest.',
    }),
    currency: z.string(),
    reason: z.enum(['late', 'second_success', 'amount_mismatch']).meta({
      description:
        'late: its payment had ended unpaid. second_success: its payment was paid already. amount_mismatch: not the amount or currency that was agreed.',
    }),
    rule: z.enum(['refund', 'accept', 'ask']).meta({
      description: "The merchant's rule when the payment opened; ask, once that could not be carried out.",
    }),
    decision: z.enum(['refund', 'accept']).nullable(),
    decidedBy: z
      .object({
        by: z.enum(['rule', 'operator']),
        keyId: idOutput('apiKey').nullable(),
        reason: z.string().nullable(),
      })
      .nullable(),
    decidedAt: z.iso.datetime().nullable(),
    resolvedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    movedAt: z.iso.datetime().nullable().meta({
      description: 'When it was paid, as far as the channel says: perhaps before the payment ended.',
    }),
    ageSeconds: z.int().min(0),
  })
  .meta({ id: 'Suspense' });

export function presentSuspense(held: SuspendedMoney): z.input<typeof suspenseOutput> {
  const { decidedBy } = held;
  return {
    id: suspenseId(held),
    object: 'suspense',
    mode: held.mode,
    merchantId: publicId('merchant', held.merchantId),
    paymentId: publicId('payment', held.paymentId),
    orderId: held.orderId,
    paymentStatus: held.paymentStatus,
    channel: held.channel,
    channelConfigId: publicId('channelConfig', held.channelConfigId),
    providerRef: held.providerRef,
    amount: formatAmount(held.charged, held.currency),
    lostAmount: formatAmount(held.lost, held.currency),
    currency: held.currency,
    reason: held.reason,
    rule: held.rule,
    decision: held.decision ?? null,
    decidedBy:
      decidedBy === undefined
        ? null
        : {
            by: decidedBy.by,
            keyId: decidedBy.keyId === undefined ? null : publicId('apiKey', decidedBy.keyId),
            reason: decidedBy.reason ?? null,
          },
    decidedAt: held.decidedAt?.toISOString() ?? null,
    resolvedAt: held.resolvedAt?.toISOString() ?? null,
    createdAt: held.createdAt.toISOString(),
    movedAt: held.movedAt?.toISOString() ?? null,
    ageSeconds: Math.max(0, Math.floor((Date.now() - held.createdAt.getTime()) / 1_000)),
  };
}
