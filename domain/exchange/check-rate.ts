import { parseMoment } from '../moment';
import { findCurrency } from '../money/currency';
import { parseRate } from '../money/rate';
import { parseSpread } from './conversion';

/** A rate as somebody wrote it: by hand, in a file, or on the other side of the network. */
export interface WrittenRate {
  base: string;
  quote: string;
  rate: string;
  spreadPercent: string;
  observedAt: string;
}

export interface CheckedRate extends Omit<WrittenRate, 'observedAt'> {
  observedAt: Date;
}

export interface RateProblem {
  field: keyof WrittenRate;
  message: string;
}

export type RateChecked = { ok: true; rate: CheckedRate } | { ok: false; problem: RateProblem };

/** The clocks of those who observe and of this machine may be a little apart; the database knows the same limit. */
const clockSkewMs = 60_000;
/** What lies before it is a date that somebody left empty; the database knows the same limit. */
const observedFrom = new Date('1970-01-01T00:00:00Z');

export function checkRate(written: WrittenRate, now: Date): RateChecked {
  const { base, quote, rate, spreadPercent } = written;
  const refuse = (field: keyof WrittenRate, message: string): RateChecked => {
    return { ok: false, problem: { field, message } };
  };
  if (findCurrency(base) === undefined) return refuse('base', 'is no currency known here');
  if (findCurrency(quote) === undefined) return refuse('quote', 'is no currency known here');
  if (base === quote) return refuse('quote', 'is the same currency as the base');
  if (parseRate(rate) === undefined) {
    return refuse('rate', 'wants a plain decimal above zero, of 18 decimals at most');
  }
  if (parseSpread(spreadPercent) === undefined) {
    return refuse('spreadPercent', 'wants a plain decimal from 0 to 50, of 4 decimals at most');
  }
  const observedAt = parseMoment(written.observedAt);
  if (observedAt === undefined) {
    return refuse('observedAt', 'wants a time such as 2026-01-31T09:30:00Z, of a day that the calendar has');
  }
  if (observedAt < observedFrom) return refuse('observedAt', 'lies before 1970');
  if (observedAt.getTime() > now.getTime() + clockSkewMs) return refuse('observedAt', 'lies in the future');
  return { ok: true, rate: { base, quote, rate, spreadPercent, observedAt } };
}
