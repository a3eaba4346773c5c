import { z } from 'zod';
import { loadChannelVolumes, loadMonthVolume } from '../../../db/read-models/month-volume';
import type { Database } from '../../../db/pool';
import { loadFeePlansInEffect } from '../../../db/stores/fee-plans-store';
import { findMerchant } from '../../../db/stores/merchants-store';
import { calculateFee } from '../../../domain/fees/calculate';
import { choosePlan, pinTerms } from '../../../domain/fees/pin';
import { merchantFee } from '../../../domain/fees/payment-fees';
import type { Payer } from '../../../domain/fees/terms';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors, currencyInput, readAmount } from '../../schemas/amount';
import { idInput, idOutput } from '../../schemas/ids';
import { modeOf, modeQuery } from '../../schemas/mode';
import { method, transactionType } from './schemas';

const stepOutput = z.object({
  step: z.enum(['percentage', 'fixed', 'minimum', 'maximum', 'capped_at_amount']),
  percent: z.string().optional(),
  amount: z.string().meta({
    description:
      'What this step adds to the fee. The maximum takes away, and so does the cap: no payment costs more than it is.',
  }),
});

const feeOutput = z.object({
  planId: idOutput('feePlan'),
  planVersion: z.int(),
  amount: z.string(),
  steps: z.array(stepOutput),
  refundable: z.enum(['none', 'percentage', 'all']),
});

const calculationOutput = z
  .object({
    object: z.literal('fee_calculation'),
    amount: z.string(),
    currency: z.string(),
    monthVolume: z
      .string()
      .meta({ description: 'What the merchant has taken this month: it decides the tier.' }),
    fee: feeOutput.nullable().meta({ description: 'Null: no plan holds, nothing is charged.' }),
    net: z.string().meta({ description: 'The amount less the fee.' }),
    channelCost: feeOutput.nullable().optional().meta({ description: 'For operators only.' }),
  })
  .meta({ id: 'FeeCalculation' });

/** Shows how a fee comes about, by the plans that hold now; nothing is kept. */
export function feeCalculatorRoutes(deps: { database: Database }): Route[] {
  const calculate = defineRoute({
    operationId: 'calculateFee',
    method: 'get',
    path: '/fees/calculate',
    tag: 'Fees',
    summary: 'Calculate a fee',
    auth: 'either',
    query: z.strictObject({
      amount: z.string().max(60),
      currency: currencyInput,
      transactionType: transactionType.default('payment'),
      channelConfigId: idInput('channelConfig'),
      method: method.optional(),
      mode: modeQuery,
      merchantId: idInput('merchant')
        .optional()
        .meta({ description: 'For operators; a merchant is itself.' }),
    }),
    responses: { 200: { description: 'The fee, step by step.', body: calculationOutput } },
    errors: [...amountErrors, 'permission_denied', 'not_found'],
    handler: async ({ caller, query }) => {
      const mode = modeOf(caller, query.mode);
      if (typeof mode !== 'string') return mode;
      const amount = readAmount(query.amount, query.currency);
      if (typeof amount !== 'bigint') return amount;
      const merchantId = caller.role === 'merchant' ? caller.merchantId : query.merchantId;
      if (merchantId === undefined) {
        return fail('parameter_missing', { param: 'merchantId', message: 'An operator names the merchant.' });
      }
      if (query.merchantId !== undefined && query.merchantId !== merchantId) return fail('not_found');
      if ((await findMerchant(deps.database, caller, merchantId)) === undefined) return fail('not_found');

      const now = new Date();
      const { currency, channelConfigId } = query;
      const wanted = { merchantId, currencies: [currency], channelConfigIds: [channelConfigId] };
      const isOperator = caller.role === 'admin';
      const [plans, volumes, channelVolumes] = await Promise.all([
        loadFeePlansInEffect(deps.database, wanted, now),
        loadMonthVolume(deps.database, { merchantId, mode }, now),
        isOperator ? loadChannelVolumes(deps.database, now) : undefined,
      ]);
      const monthVolume = volumes.get(currency) ?? 0n;
      const channelVolume = channelVolumes?.get(channelConfigId)?.[currency] ?? 0n;
      const feeOf = (payer: Payer, volume: bigint) => {
        const plan = choosePlan(plans, { ...query, merchantId, payer });
        if (plan === undefined) return undefined;
        const terms = pinTerms(plan, volume);
        const calculated =
          payer === 'merchant'
            ? merchantFee(query.transactionType, terms, amount)
            : calculateFee(terms, amount);
        return { ...calculated, terms };
      };
      const fee = feeOf('merchant', monthVolume);
      const cost = isOperator ? feeOf('platform', channelVolume) : undefined;
      return {
        status: 200,
        body: {
          object: 'fee_calculation' as const,
          amount: formatAmount(amount, currency),
          currency,
          monthVolume: formatAmount(monthVolume, currency),
          fee: presentFee(fee, currency),
          net: formatAmount(amount - (fee?.fee ?? 0n), currency),
          ...(isOperator && { channelCost: presentFee(cost, currency) }),
        },
      };
    },
  });
  return [calculate];
}

type Fee = ReturnType<typeof calculateFee> & { terms: ReturnType<typeof pinTerms> };

function presentFee(fee: Fee | undefined, currency: string): z.input<typeof feeOutput> | null {
  if (fee === undefined) return null;
  return {
    planId: publicId('feePlan', fee.terms.planId),
    planVersion: fee.terms.version,
    amount: formatAmount(fee.fee, currency),
    steps: fee.steps.map((step) => ({
      step: step.step,
      ...(step.step === 'percentage' && { percent: step.percent }),
      amount: formatAmount(step.amount, currency),
    })),
    refundable: fee.terms.refundable,
  };
}
