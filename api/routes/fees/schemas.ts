import { z } from 'zod';
import { formatAmount } from '../../../domain/money/amount';
import type { FeeTerms } from '../../../domain/fees/terms';
import { publicId } from '../../../domain/ids';
import type { FeePlanRow, FeePlanTimes } from '../../../db/stores/fee-plans-store';
import { currencyInput } from '../../schemas/amount';
import { idInPath, idInput, idOutput } from '../../schemas/ids';
import { moment } from '../../schemas/moment';
import { versionNumber } from '../../schemas/config-version';

const decimal = z
  .string()
  .max(60)
  .meta({ pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', examples: ['0.30'] });
const percent = z
  .string()
  .max(20)
  .meta({ description: '2.9 is 2.9 %.', examples: ['2.9'] });

export const payer = z.enum(['merchant', 'platform']).meta({
  description: 'merchant: what the merchant pays us. platform: what the channel charges us.',
});
export const transactionType = z.enum(['payment', 'refund', 'dispute']);
export const method = z
  .string()
  .regex(/^[a-z_]{2,40}$/, 'wants the name of a payment method, such as card')
  .meta({ examples: ['card'] });

const termsInput = z.strictObject({
  tiers: z
    .array(
      z.strictObject({
        fromVolume: decimal.optional(),
        percent: percent.optional(),
        fixed: decimal.optional(),
      }),
    )
    .min(1)
    .max(20)
    .meta({ description: "By the month's volume so far in this currency; the first starts at 0." }),
  minimum: decimal.optional(),
  maximum: decimal.optional(),
  refundable: z.enum(['none', 'percentage', 'all']).default('none').meta({
    description: 'What a refund gives back of the fee, in proportion to what is refunded.',
  }),
});

const effectiveFrom = moment.optional().meta({
  description: 'Now, if nothing else is said. The past is refused: payments have pinned their plans.',
});

export const planParams = z.strictObject({ planId: idInPath('feePlan') });

export const newPlan = z.strictObject({
  name: z.string().trim().min(1).max(200),
  payer,
  transactionType,
  currency: currencyInput,
  merchantId: idInput('merchant').optional(),
  channelConfigId: idInput('channelConfig').optional(),
  method: method.optional(),
  terms: termsInput,
  effectiveFrom,
});

export const newVersion = z.strictObject({
  version: versionNumber.min(1).meta({ description: 'The version that this change is based on.' }),
  terms: termsInput,
  isEnabled: z.boolean().default(true),
  effectiveFrom,
});

const tierOutput = z.object({ fromVolume: z.string(), percent: z.string(), fixed: z.string() });

export const planOutput = z
  .object({
    id: idOutput('feePlan'),
    object: z.literal('fee_plan'),
    name: z.string(),
    payer,
    transactionType,
    currency: z.string(),
    merchantId: idOutput('merchant').nullable(),
    channelConfigId: idOutput('channelConfig').nullable(),
    method: z.string().nullable(),
    version: z.int(),
    terms: z.object({
      tiers: z.array(tierOutput),
      minimum: z.string().nullable(),
      maximum: z.string().nullable(),
      refundable: z.enum(['none', 'percentage', 'all']),
    }),
    isEnabled: z.boolean(),
    effectiveFrom: z.iso.datetime(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'FeePlan' });

export const planWithTimesOutput = z
  .object({
    ...planOutput.shape,
    currentVersion: z
      .int()
      .nullable()
      .meta({ description: 'The version that holds now; null: the plan has yet to begin.' }),
    next: z
      .object({ version: z.int(), effectiveFrom: z.iso.datetime() })
      .nullable()
      .meta({ description: 'The version that begins next, and when.' }),
  })
  .meta({ id: 'FeePlanWithTimes' });

export function presentPlanWithTimes(
  row: FeePlanRow,
  { current, next }: FeePlanTimes,
): z.input<typeof planWithTimesOutput> {
  return {
    ...presentPlan(row),
    currentVersion: current ?? null,
    next:
      next === undefined ? null : { version: next.version, effectiveFrom: next.effectiveFrom.toISOString() },
  };
}

export function presentPlan(row: FeePlanRow): z.input<typeof planOutput> {
  const { scope } = row;
  return {
    id: publicId('feePlan', row.id),
    object: 'fee_plan',
    name: row.name,
    payer: scope.payer,
    transactionType: scope.transactionType,
    currency: scope.currency,
    merchantId: scope.merchantId === undefined ? null : publicId('merchant', scope.merchantId),
    channelConfigId:
      scope.channelConfigId === undefined ? null : publicId('channelConfig', scope.channelConfigId),
    method: scope.method ?? null,
    version: row.version,
    terms: presentTerms(row.terms, scope.currency),
    isEnabled: row.isEnabled,
    effectiveFrom: row.effectiveFrom.toISOString(),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
  };
}

function presentTerms(terms: FeeTerms, currency: string) {
  const amount = (minor: string) => formatAmount(BigInt(minor), currency);
  return {
    tiers: terms.tiers.map((tier) => ({
      fromVolume: amount(tier.fromVolume),
      percent: tier.percent,
      fixed: amount(tier.fixed),
    })),
    minimum: terms.minimum === undefined ? null : amount(terms.minimum),
    maximum: terms.maximum === undefined ? null : amount(terms.maximum),
    refundable: terms.refundable,
  };
}
