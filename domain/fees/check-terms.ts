import { parseAmount } from '../money/amount';
import { parseRate } from '../money/rate';
import type { FeeTerms, FeeTier, Refundable } from './terms';

/** As people write them: amounts in the currency ("0.30"). */
export interface WrittenTerms {
  tiers: { fromVolume?: string; percent?: string; fixed?: string }[];
  minimum?: string;
  maximum?: string;
  refundable: Refundable;
}

export interface TermsProblem {
  /** Where: `tiers.1.percent`. */
  param: string;
  message: string;
}

export type CheckedTerms = { ok: true; terms: FeeTerms } | { ok: false; problem: TermsProblem };

const tiersMax = 20;

export function checkTerms(written: WrittenTerms, currency: string): CheckedTerms {
  const problem = (param: string, message: string): CheckedTerms => ({
    ok: false,
    problem: { param, message },
  });
  if (written.tiers.length === 0 || written.tiers.length > tiersMax) {
    return problem('tiers', `There are 1 to ${tiersMax} tiers.`);
  }
  const tiers: FeeTier[] = [];
  for (const [index, { fromVolume = '0', percent = '0', fixed = '0' }] of written.tiers.entries()) {
    const at = `tiers.${index}`;
    const from = parseAmount(fromVolume, currency);
    const sum = parseAmount(fixed, currency);
    if (!from.ok) return problem(`${at}.fromVolume`, `This is no amount of ${currency}.`);
    if (!sum.ok) return problem(`${at}.fixed`, `This is no amount of ${currency}.`);
    if (!isPercent(percent)) {
      return problem(`${at}.percent`, 'A percentage is a decimal from 0 to 100, with up to 6 places.');
    }
    const before = tiers.at(-1);
    if (before === undefined ? from.minor !== 0n : from.minor <= BigInt(before.fromVolume)) {
      return problem(
        `${at}.fromVolume`,
        'The first tier starts at 0, each further one above the one before.',
      );
    }
    tiers.push({ fromVolume: from.minor.toString(), percent, fixed: sum.minor.toString() });
  }
  const terms: FeeTerms = { tiers, refundable: written.refundable };
  for (const bound of ['minimum', 'maximum'] as const) {
    const text = written[bound];
    if (text === undefined) continue;
    const parsed = parseAmount(text, currency);
    if (!parsed.ok) return problem(bound, `This is no amount of ${currency}.`);
    terms[bound] = parsed.minor.toString();
  }
  if (terms.minimum !== undefined && terms.maximum !== undefined) {
    if (BigInt(terms.minimum) > BigInt(terms.maximum)) {
      return problem('maximum', 'The maximum is below the minimum.');
    }
  }
  return { ok: true, terms };
}

function isPercent(text: string): boolean {
  if (!/^(0|[1-9][0-9]?|100)(\.[0-9]{1,6})?$/.test(text)) return false;
  const rate = parseRate(text);
  return rate === undefined || rate.numerator <= 100n * rate.denominator;
}
