import { invertRate, parseRate, type Rate } from '../money/rate';

/** What somebody saw: one unit of `base` is worth `rate` units of `quote`. Written once, never changed. */
export interface ObservedRate {
  id: string;
  base: string;
  quote: string;
  /** Decimal. */
  rate: string;
  /** What the platform keeps of an exchange at this rate; 0.5 is 0.5 %. */
  spreadPercent: string;
  source: string;
  observedAt: Date;
}

/** The newest of each direction. */
export interface KnownRates {
  direct?: ObservedRate;
  inverse?: ObservedRate;
}

export interface ChosenRate {
  observed: ObservedRate;
  isInverse: boolean;
  /** Target units for one source unit. */
  market: Rate;
}

export type RateRefusal = 'rate_unknown' | 'rate_stale';

export type RateChoice = { ok: true; chosen: ChosenRate } | { ok: false; refusal: RateRefusal };

/**
 * The pair as it was observed, else turned round; never by way of a third currency, for that is a rate nobody saw.
 * One that is too old is no rate: its market has moved.
 */
export function chooseRate({ direct, inverse }: KnownRates, now: Date, ageMsMax: number): RateChoice {
  const isFresh = (rate: ObservedRate | undefined): rate is ObservedRate =>
    rate !== undefined && now.getTime() - rate.observedAt.getTime() <= ageMsMax;
  const observed = isFresh(direct) ? direct : isFresh(inverse) ? inverse : undefined;
  if (observed === undefined) {
    const isKnown = direct !== undefined || inverse !== undefined;
    return { ok: false, refusal: isKnown ? 'rate_stale' : 'rate_unknown' };
  }
  const isInverse = observed !== direct;
  const rate = parseRate(observed.rate);
  if (rate === undefined) throw new RangeError(`${observed.id} holds no rate`);
  return { ok: true, chosen: { observed, isInverse, market: isInverse ? invertRate(rate) : rate } };
}
