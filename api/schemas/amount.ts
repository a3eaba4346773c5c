import { z } from 'zod';
import {
  amountDigitsMax,
  parseAmount,
  parseAmountNumber,
  type AmountProblem,
} from '../../domain/money/amount';
import { findCurrency } from '../../domain/money/currency';
import { fail, type ApiError } from '../errors';
import { InexactNumber } from '../json';
import { issueWith } from '../middleware/validate';

/** What came in the body; its meaning needs the currency, so `readAmount` reads it. */
export type AmountInput = string | number | InexactNumber;

export const amountInput = z
  .unknown()
  .transform((value, ctx): AmountInput => {
    if (typeof value === 'string' || typeof value === 'number' || value instanceof InexactNumber)
      return value;
    if (value === undefined) ctx.addIssue(issueWith('parameter_missing', 'An amount is needed.'));
    else ctx.addIssue(issueWith('amount_invalid'));
    return z.NEVER;
  })
  .meta({
    description:
      "A decimal string, or a JSON number that is exact in the currency's smallest unit. Greater than zero.",
    oneOf: [
      { type: 'string', pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', maxLength: 60 },
      { type: 'number', exclusiveMinimum: 0 },
    ],
    examples: ['100.50'],
  });

/** In answers: always all decimals of the currency. */
export const amountOutput = z
  .string()
  .meta({ pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', examples: ['100.50'] });

export const currencyInput = z
  .string()
  .meta({ pattern: '^[A-Z0-9]{3,10}$', description: 'ISO 4217, or BTC, ETH, USDT.', examples: ['USD'] })
  .transform((code, ctx) => {
    if (findCurrency(code) !== undefined) return code;
    ctx.addIssue(issueWith('currency_unknown'));
    return z.NEVER;
  });

const errorByProblem = {
  unknown_currency: 'currency_unknown',
  not_a_decimal: 'amount_invalid',
  negative: 'amount_not_positive',
  too_many_decimals: 'amount_too_precise',
  too_large: 'amount_too_large',
  inexact_number: 'amount_not_exact',
} as const satisfies Record<AmountProblem, string>;

export type AmountErrorCode = (typeof errorByProblem)[AmountProblem];
export const amountErrors = [...new Set(Object.values(errorByProblem))];

/** Of an amount that is right as it is paid, and none in the currency it is settled in. */
export const settledDetails = {
  amount_too_small: { param: 'amount' },
  amount_too_large: {
    param: 'amount',
    message: `In the currency it is settled in, the amount is larger than ${amountDigitsMax} digits of the smallest unit.`,
  },
};

/** The amount in the currency's smallest unit, greater than zero; or the precise reason why it is none. */
export function readAmount(
  input: AmountInput,
  currency: string,
  param = 'amount',
): bigint | ApiError<AmountErrorCode> {
  const sum = readSum(input, currency, param);
  return sum === 0n ? fail('amount_not_positive', { param }) : sum;
}

/** The same of what may be nothing. */
export function readSum(
  input: AmountInput,
  currency: string,
  param: string,
): bigint | ApiError<AmountErrorCode> {
  const parsed = parse(input, currency);
  if (parsed.ok) return parsed.minor;
  if (parsed.reason === 'unknown_currency') return fail('currency_unknown', { param: 'currency' });
  return fail(errorByProblem[parsed.reason], { param, ...explained(parsed.reason, currency) });
}

function parse(input: AmountInput, currency: string) {
  if (typeof input === 'string') return parseAmount(input, currency);
  if (typeof input === 'number') return parseAmountNumber(input, currency);
  return inexact(input, currency);
}

/** Not kept exactly by a double: too long, too fine, or with an exponent. Say which, from its own digits. */
function inexact(input: InexactNumber, currency: string) {
  const asText = parseAmount(input.text, currency);
  return asText.ok ? ({ ok: false, reason: 'inexact_number' } as const) : asText;
}

function explained(problem: AmountProblem, currency: string): { message?: string } {
  const exponent = findCurrency(currency)?.exponent ?? 0;
  if (problem === 'too_many_decimals') {
    return { message: `${currency} has ${exponent === 0 ? 'no' : exponent} decimals.` };
  }
  if (problem === 'too_large') {
    return { message: `The amount is larger than ${amountDigitsMax} digits of the smallest unit.` };
  }
  return {};
}
