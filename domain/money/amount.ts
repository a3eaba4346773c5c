import { currencyOf, findCurrency } from './currency';

/**
 * One amount has at most so many digits in the smallest unit. The columns hold 38, so a hundred million of the
 * largest amounts still sum without overflow.
 */
export const amountDigitsMax = 30;

export type AmountProblem =
  'unknown_currency' | 'not_a_decimal' | 'negative' | 'too_many_decimals' | 'too_large' | 'inexact_number';

export type ParsedAmount = { ok: true; minor: bigint } | { ok: false; reason: AmountProblem };

/**
 * "100.50" → 10050n. Plain decimals only: no sign, no exponent, no grouping, no spaces, no leading zeros, no
 * more decimals than the currency has. Zero is an amount; whether it is allowed is the caller's question.
 */
export function parseAmount(text: string, currency: string): ParsedAmount {
  const known = findCurrency(currency);
  if (known === undefined) return { ok: false, reason: 'unknown_currency' };
  // Longer than any amount could be: don't run patterns over it.
  if (text.length > 2 * amountDigitsMax) return { ok: false, reason: 'too_large' };
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return { ok: false, reason: 'not_a_decimal' };
  const [, sign = '', whole = '', decimals = ''] = match;
  if (sign !== '') return { ok: false, reason: 'negative' };
  if (decimals.length > known.exponent) return { ok: false, reason: 'too_many_decimals' };
  const minor = BigInt(whole + decimals.padEnd(known.exponent, '0'));
  return isTooLarge(minor) ? { ok: false, reason: 'too_large' } : { ok: true, minor };
}

/** What is reckoned, and not parsed, may be no amount either. */
export function isTooLarge(minor: bigint): boolean {
  return minor >= 10n ** BigInt(amountDigitsMax);
}

/** A double tells decimals of up to 15 significant digits apart; what has more may not be what was sent. */
const exactDigitsMax = 15;

/** For JSON numbers. The shortest decimal that names this double is what the sender wrote, up to 15 digits. */
export function parseAmountNumber(value: number, currency: string): ParsedAmount {
  const text = String(value);
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(text)) return { ok: false, reason: 'not_a_decimal' };
  if (text.replace(/[^0-9]/g, '').replace(/^0+/, '').length > exactDigitsMax) {
    return { ok: false, reason: 'inexact_number' };
  }
  return parseAmount(text, currency);
}

/** 10050n → "100.50"; always with all of the currency's decimals. */
export function formatAmount(minor: bigint, currency: string): string {
  const { exponent } = currencyOf(currency);
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
