import { formatAmount } from '../money/amount';
import type { RoutingCandidate, RoutingQuestion } from './contracts';

/** What one payment may come to, in the currency's smallest unit; both ends belong to it. */
export interface AmountRange {
  min: bigint;
  /** Left out: there is no upper end. */
  max?: bigint;
}

/** What a channel itself takes of a currency, by any of its methods or by the one that is named. */
export interface ChannelAmounts {
  currency: string;
  method?: string;
  min: bigint;
  max: bigint;
}

/** Why no payment of this amount goes there, though everything else about it would fit. */
export function whyNotThisAmount(question: RoutingQuestion, candidate: RoutingCandidate): string | undefined {
  const { amount, currency, method } = question;
  if (amount === undefined) return undefined;
  const own = ownRanges(question, candidate);
  if (!own.some((range) => holds(range, amount)))
    return `takes only ${describeRanges(own, currency, method)}`;
  const limit = candidate.limits?.[currency];
  if (limit?.min !== undefined && amount < BigInt(limit.min)) return 'takes no payment that small';
  if (limit?.max !== undefined && amount > BigInt(limit.max)) return 'takes no payment that large';
  return undefined;
}

/** What these channels take between them, within what the merchant may ask for. */
export function takenRanges(
  question: RoutingQuestion,
  candidates: readonly RoutingCandidate[],
  asked: { min?: string; max?: string } = {},
): AmountRange[] {
  return merged(
    candidates.flatMap((candidate) => {
      const { min, max } = candidate.limits?.[question.currency] ?? {};
      return ownRanges(question, candidate)
        .map((range) => within(within(range, { min, max }), asked))
        .filter((range) => range.max === undefined || range.min <= range.max);
    }),
  );
}

/** `0.50 to 999999.99 USD`, `17 to 20000 TWD by cash_code`. */
export function describeRanges(ranges: readonly AmountRange[], currency: string, method?: string): string {
  const said = ranges.map(({ min, max }) => {
    const from = formatAmount(min, currency);
    return max === undefined ? `${from} and more` : `${from} to ${formatAmount(max, currency)}`;
  });
  return `${said.join(' or ')} ${currency}${method === undefined ? '' : ` by ${method}`}`;
}

/** Where no method is asked for, whatever one of those takes that it could go by. */
function ownRanges(
  { currency, method, capture }: RoutingQuestion,
  { amounts = [], methods, methodsToReserve }: RoutingCandidate,
): AmountRange[] {
  const able = capture === 'manual' ? methodsToReserve : methods;
  const asked = method === undefined ? able : [method];
  const own = amounts.filter(
    (one) => one.currency === currency && (one.method === undefined || asked.includes(one.method)),
  );
  return own.length === 0 ? [{ min: 1n }] : merged(own);
}

function holds({ min, max }: AmountRange, amount: bigint): boolean {
  return amount >= min && (max === undefined || amount <= max);
}

function within(range: AmountRange, { min, max }: { min?: string; max?: string }): AmountRange {
  const from = min === undefined || BigInt(min) < range.min ? range.min : BigInt(min);
  const upTo = max === undefined ? undefined : BigInt(max);
  if (upTo === undefined) return { ...range, min: from };
  return { min: from, max: range.max === undefined || upTo < range.max ? upTo : range.max };
}

/** In their order, and one where they meet. */
function merged(ranges: readonly AmountRange[]): AmountRange[] {
  const joined: AmountRange[] = [];
  for (const { min, max } of ranges.toSorted((left, right) => (left.min < right.min ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || (last.max !== undefined && min > last.max + 1n)) joined.push({ min, max });
    else if (last.max !== undefined && (max === undefined || max > last.max)) last.max = max;
  }
  return joined;
}
