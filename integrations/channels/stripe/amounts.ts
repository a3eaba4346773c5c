import { findCurrency } from '../../../domain/money/currency';
import type { ChannelAmounts } from '../../../domain/routing/amounts';

/**
 * Decimals of Stripe's smallest unit. It differs from ours for TWD: Stripe counts cents of a dollar that has
 * none, and refuses what is not a multiple of 100.
 */
const stripeDecimals: Readonly<Record<string, number>> = {
  TWD: 2,
  USD: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  SGD: 2,
  JPY: 0,
};

export const stripeCurrencies: readonly string[] = Object.keys(stripeDecimals);

const unitsMax = 99_999_999n;

/** Stripe's own list of the least of a charge, in its units; it has none for the TWD. */
const leastUnits: Readonly<Record<string, bigint>> = {
  USD: 50n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  SGD: 50n,
  JPY: 50n,
};

/** What one charge may come to, in our smallest units. */
export const stripeAmounts: readonly ChannelAmounts[] = stripeCurrencies.map((currency) => {
  const factor = factorOf(currency) ?? 1n;
  return { currency, min: (leastUnits[currency] ?? factor) / factor, max: unitsMax / factor };
});

/** Stripe's units of a charge; undefined if it takes none of this amount. Captures and refunds may be of less. */
export function chargeUnits(minor: bigint, currency: string): number | undefined {
  const range = stripeAmounts.find((one) => one.currency === currency);
  if (range === undefined || minor < range.min || minor > range.max) return undefined;
  return stripeUnits(minor, currency);
}

/** Undefined if Stripe takes no such amount; at most eight digits, which a JSON number holds exactly. */
export function stripeUnits(minor: bigint, currency: string): number | undefined {
  const factor = factorOf(currency);
  if (factor === undefined || minor < 1n || minor * factor > unitsMax) return undefined;
  return Number(minor * factor);
}

/** Our digits of so many of Stripe's units; undefined if they are no whole number of ours. */
export function minorDigits(units: number, stripeCurrency: string): string | undefined {
  const factor = factorOf(stripeCurrency.toUpperCase());
  if (factor === undefined || BigInt(units) % factor !== 0n) return undefined;
  return (BigInt(units) / factor).toString();
}

function factorOf(currency: string): bigint | undefined {
  const decimals = Object.hasOwn(stripeDecimals, currency) ? stripeDecimals[currency] : undefined;
  const ours = findCurrency(currency);
  if (decimals === undefined || ours === undefined) return undefined;
  return 10n ** BigInt(decimals - ours.exponent);
}

/** Currencies whose unit at Stripe is not a hundredth, beside those that are charged in. */
const otherDecimals: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD JOD KWD OMR TND'.split(' ').map((code) => [code, 3])),
};

/** So many of Stripe's units, exact, in the currency's main unit: an account settles in others than are charged in. */
export function decimalOf(units: number, stripeCurrency: string): string {
  const currency = stripeCurrency.toUpperCase();
  const decimals = stripeDecimals[currency] ?? otherDecimals[currency] ?? 2;
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const sign = units < 0 ? '-' : '';
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-decimals)}`;
}
