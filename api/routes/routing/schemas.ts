import { z } from 'zod';
import { parsePublicId, publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { paymentMethods } from '../../../domain/payment/request';
import { usualRouting, type RoutingDocument, type RoutingRule } from '../../../domain/routing/document';
import { ApiError, fail } from '../../errors';
import {
  amountInput,
  amountOutput,
  currencyInput,
  readAmount,
  type AmountErrorCode,
} from '../../schemas/amount';
import { basedOnVersion, changeReason } from '../../schemas/config-version';
import { idInput, idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

/** An id of one, or the name of a kind for all of them. */
const channelName = z
  .string()
  .max(64)
  .transform((text, ctx) => {
    const id = parsePublicId('channelConfig', text);
    if (id !== undefined) return id;
    if (/^[a-z0-9_]{2,40}$/.test(text) && !text.startsWith('chc_')) return text;
    ctx.addIssue({ code: 'custom', message: 'wants the id of a channel (chc_…) or the name of a kind' });
    return z.NEVER;
  })
  .meta({ examples: ['kpay'] });
const channels = z.array(channelName).min(1).max(50);
const strategy = z.enum(['preference', 'share', 'score']);
const risk = z.int().min(0).max(100);
const rulesMax = 500;

const ruleInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  when: z
    .strictObject({
      merchantIds: z.array(idInput('merchant')).min(1).max(500).optional(),
      currencies: z.array(currencyInput).min(1).max(200).optional(),
      methods: z.array(z.enum(paymentMethods)).min(1).optional(),
      countries: z
        .array(z.string().regex(/^[A-Z]{2}$/, 'wants two capital letters (ISO 3166), such as TW'))
        .min(1)
        .max(250)
        .optional(),
      amountFrom: amountInput.optional(),
      amountTo: amountInput.optional(),
      riskFrom: risk.optional(),
      riskTo: risk.optional(),
    })
    .default({})
    .meta({ description: 'All that is named has to hold. Amounts need exactly one currency.' }),
  then: z.strictObject({
    only: channels.optional(),
    avoid: channels.optional(),
    prefer: channels.optional(),
    strategy: strategy.optional(),
  }),
});

const part = z.int().min(0).max(1_000);
export const documentInput = z
  .strictObject({
    strategy: strategy.default(usualRouting.strategy),
    scoreWeights: z
      .strictObject({ success: part, latency: part, cost: part })
      .default(usualRouting.scoreWeights),
    exploration: z
      .strictObject({ percent: z.int().min(1).max(100), everySeconds: z.int().min(1).max(3_600) })
      .default(usualRouting.exploration),
    rules: z.array(ruleInput).max(rulesMax).default([]),
  })
  .meta({ id: 'RoutingDocument' });

export const rulesInput = z.strictObject({
  mode: modeField,
  version: basedOnVersion,
  reason: changeReason,
  document: documentInput,
});

const ruleOutput = z.object({
  name: z.string(),
  when: z
    .object({
      merchantIds: z.array(idOutput('merchant')),
      currencies: z.array(z.string()),
      methods: z.array(z.string()),
      countries: z.array(z.string()),
      amountFrom: amountOutput,
      amountTo: amountOutput,
      riskFrom: z.int(),
      riskTo: z.int(),
    })
    .partial(),
  then: z
    .object({
      only: z.array(z.string()),
      avoid: z.array(z.string()),
      prefer: z.array(z.string()),
      strategy: z.string(),
    })
    .partial(),
});

export const rulesOutput = z
  .object({
    object: z.literal('routing_rules'),
    mode: z.string(),
    version: z.int().meta({ description: '0: nobody has written any; the usual ones hold.' }),
    document: z.object({
      strategy: z.string(),
      scoreWeights: z.object({ success: z.int(), latency: z.int(), cost: z.int() }),
      exploration: z.object({ percent: z.int(), everySeconds: z.int() }),
      rules: z.array(ruleOutput),
    }),
  })
  .meta({ id: 'RoutingRules' });

type DocumentInput = z.output<typeof documentInput>;

/** Amounts become smallest units of the one currency that the rule names. */
export function readDocument(
  input: DocumentInput,
): RoutingDocument | ApiError<'parameter_invalid' | AmountErrorCode> {
  const rules: RoutingRule[] = [];
  const names = new Set<string>();
  for (const [index, { name, when, then }] of input.rules.entries()) {
    const at = `document.rules[${index}]`;
    if (names.has(name))
      return fail('parameter_invalid', { param: `${at}.name`, message: 'It is there twice.' });
    names.add(name);
    const { amountFrom, amountTo, ...rest } = when;
    const amounts: { amountFrom?: string; amountTo?: string } = {};
    for (const [field, written] of Object.entries({ amountFrom, amountTo })) {
      if (written === undefined) continue;
      const param = `${at}.when.${field}`;
      const [currency, ...others] = when.currencies ?? [];
      if (currency === undefined || others.length > 0) {
        return fail('parameter_invalid', {
          param,
          message: 'An amount needs exactly one currency beside it.',
        });
      }
      const amount = readAmount(written, currency, param);
      if (amount instanceof ApiError) return amount;
      amounts[field as keyof typeof amounts] = amount.toString();
    }
    rules.push({ name, when: { ...rest, ...amounts }, then });
  }
  return { ...input, rules };
}

export function presentRules(
  mode: string,
  version: number,
  document: RoutingDocument,
): z.input<typeof rulesOutput> {
  return {
    object: 'routing_rules',
    mode,
    version,
    document: { ...document, rules: document.rules.map(presentRule) },
  };
}

function presentRule({ name, when, then }: RoutingRule): z.input<typeof ruleOutput> {
  const currency = when.currencies?.[0] ?? '';
  const shown = (channel: string) => (channel.includes('-') ? publicId('channelConfig', channel) : channel);
  const { merchantIds, amountFrom, amountTo, currencies, methods, countries, ...rest } = when;
  return {
    name,
    when: {
      ...rest,
      ...(merchantIds && { merchantIds: merchantIds.map((id) => publicId('merchant', id)) }),
      ...(currencies && { currencies: [...currencies] }),
      ...(methods && { methods: [...methods] }),
      ...(countries && { countries: [...countries] }),
      ...(amountFrom !== undefined && { amountFrom: formatAmount(BigInt(amountFrom), currency) }),
      ...(amountTo !== undefined && { amountTo: formatAmount(BigInt(amountTo), currency) }),
    },
    then: {
      ...(then.only && { only: then.only.map(shown) }),
      ...(then.avoid && { avoid: then.avoid.map(shown) }),
      ...(then.prefer && { prefer: then.prefer.map(shown) }),
      ...(then.strategy && { strategy: then.strategy }),
    },
  };
}
