import { currencyOf } from './currency';
import { money, type Money } from './money';
import { divideRounded, type Rounding } from './rounding';

/** A rate is a ratio of integers; one that was given as a decimal has a power of ten below the line. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const rateDecimalsMax = 18;
const rateDigitsMax = 30;

/** "31.4725" → 314725/10000. Undefined for anything but a plain, positive decimal. */
export function parseRate(text: string): Rate | undefined {
  if (text.length > rateDigitsMax + 1) return undefined;
  const match = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '', decimals = ''] = match;
  if (decimals.length > rateDecimalsMax) return undefined;
  const numerator = BigInt(whole + decimals);
  return numerator === 0n ? undefined : { numerator, denominator: 10n ** BigInt(decimals.length) };
}

/** As a decimal of so many places, for people and for the record; the ratio itself stays exact. */
export function formatRate(rate: Rate, decimals: number, rounding: Rounding = 'half_even'): string {
  const scaled = divideRounded(rate.numerator * 10n ** BigInt(decimals), rate.denominator, rounding);
  const digits = scaled.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

export function invertRate(rate: Rate): Rate {
  return { numerator: rate.denominator, denominator: rate.numerator };
}

export function multiplyRates(left: Rate, right: Rate): Rate {
  return {
    numerator: left.numerator * right.numerator,
    denominator: left.denominator * right.denominator,
  };
}

/** The rate is target per source in whole units (1 USD = 31.5 TWD); the units' decimals are seen to here. */
export function convert(source: Money, rate: Rate, targetCurrency: string, rounding: Rounding): Money {
  const up = 10n ** BigInt(currencyOf(targetCurrency).exponent);
  const down = 10n ** BigInt(currencyOf(source.currency).exponent);
  const minor = divideRounded(source.amount * rate.numerator * up, rate.denominator * down, rounding);
  return money(minor, targetCurrency);
}

/** A part of an amount, as a percentage in basis points or any other ratio. */
export function portion(amount: bigint, rate: Rate, rounding: Rounding): bigint {
  return divideRounded(amount * rate.numerator, rate.denominator, rounding);
}
