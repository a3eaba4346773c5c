import { currencyOf } from '../money/currency';
import { formatRate, parseRate, portion, type Rate } from '../money/rate';

/** A ratio as JSON carries it: digits. */
export interface Ratio {
  n: string;
  d: string;
}

/**
 * The terms of one exchange, pinned to a payment: what one smallest unit of its currency is in smallest units of the
 * other, at the market's rate and as the merchant gets it. JSON all the way.
 */
export interface PinnedConversion {
  quoteId: string;
  settleCurrency: string;
  market: Ratio;
  merchant: Ratio;
  spreadPercent: string;
  source: string;
  observedAt: string;
}

export interface Converted {
  /** What the merchant gets. */
  target: bigint;
  /** What it is worth at the market's rate; the rest is our spread. */
  worth: bigint;
}

/** Always down: nobody is given more than the quote is worth, and the spread is never negative. */
export function convertAt(terms: Pick<PinnedConversion, 'market' | 'merchant'>, amount: bigint): Converted {
  return {
    target: portion(amount, readRatio(terms.merchant), 'down'),
    worth: portion(amount, readRatio(terms.market), 'down'),
  };
}

/** What a fee that comes later is worth to the merchant: at the market's rate, for a fee has no spread. */
export function feeShare({ market }: Pick<PinnedConversion, 'market'>, fee: bigint) {
  const target = portion(fee, readRatio(market), 'up');
  return { source: fee, target, worth: target };
}

/** From a rate in whole units (1 USD = 31.5 TWD) to ratios in smallest units, before and after the spread. */
export function ratiosOf(
  rate: Rate,
  of: { source: string; target: string; spreadPercent: string },
): Pick<PinnedConversion, 'market' | 'merchant'> {
  const up = 10n ** BigInt(currencyOf(of.target).exponent);
  const down = 10n ** BigInt(currencyOf(of.source).exponent);
  const market = reduced({ numerator: rate.numerator * up, denominator: rate.denominator * down });
  const spread = parseSpread(of.spreadPercent);
  if (spread === undefined) throw new RangeError(`${of.spreadPercent} is no spread`);
  const kept = spread.denominator * 100n;
  const merchant = reduced({
    numerator: market.numerator * (kept - spread.numerator),
    denominator: market.denominator * kept,
  });
  return { market: writeRatio(market), merchant: writeRatio(merchant) };
}

const spreadPercentMax = 50n;

/** "0.5" is 0.5 %: a plain decimal of at most four places, from 0 to 50. */
export function parseSpread(text: string): Rate | undefined {
  if (!/^(0|[1-9][0-9]?)(\.[0-9]{1,4})?$/.test(text)) return undefined;
  const spread = parseRate(text) ?? { numerator: 0n, denominator: 1n };
  return spread.numerator > spreadPercentMax * spread.denominator ? undefined : spread;
}

const decimalsShown = 18;

/** For people: in whole units again, as many decimals as it has, eighteen at most. */
export function showRatio(ratio: Ratio, of: { source: string; target: string }): string {
  const { numerator, denominator } = readRatio(ratio);
  const up = 10n ** BigInt(currencyOf(of.source).exponent);
  const down = 10n ** BigInt(currencyOf(of.target).exponent);
  const text = formatRate({ numerator: numerator * up, denominator: denominator * down }, decimalsShown);
  return text.replace(/\.?0+$/, '');
}

function readRatio({ n, d }: Ratio): Rate {
  return { numerator: BigInt(n), denominator: BigInt(d) };
}

function writeRatio({ numerator, denominator }: Rate): Ratio {
  return { n: numerator.toString(), d: denominator.toString() };
}

function reduced({ numerator, denominator }: Rate): Rate {
  let [left, right] = [numerator, denominator];
  while (right !== 0n) [left, right] = [right, left % right];
  return { numerator: numerator / left, denominator: denominator / left };
}
