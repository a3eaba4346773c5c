import { isTooLarge } from '../money/amount';
import type { Money } from '../money/money';
import { convertAt, ratiosOf, type Converted, type PinnedConversion } from './conversion';
import { chooseRate, type KnownRates, type RateRefusal } from './rates';

export interface ExchangeLimits {
  /** An older rate is refused. */
  rateAgeMsMax: number;
  /** So long a quote waits for its payment. */
  quoteTtlMs: number;
}

/** An offer to exchange so much at such a rate, to one merchant, for one payment, until a moment. */
export interface Quote extends Omit<PinnedConversion, 'quoteId' | 'settleCurrency' | 'observedAt'> {
  id: string;
  merchantId: string;
  mode: 'live' | 'test';
  from: Money;
  to: Money;
  rateId: string;
  isInverse: boolean;
  observedAt: Date;
  createdAt: Date;
  expiresAt: Date;
  /** The payment it is locked to, and nobody else's since. */
  paymentId?: string;
}

export interface QuoteWish {
  id: string;
  merchantId: string;
  mode: 'live' | 'test';
  from: Money;
  settleCurrency: string;
}

/** In the currency it is settled in. */
type SizeRefusal = 'amount_too_small' | 'amount_too_large';

export type QuoteMade = { ok: true; quote: Quote } | { ok: false; refusal: RateRefusal | SizeRefusal };

export function makeQuote(wish: QuoteWish, rates: KnownRates, limits: ExchangeLimits, now: Date): QuoteMade {
  const choice = chooseRate(rates, now, limits.rateAgeMsMax);
  if (!choice.ok) return choice;
  const { observed, isInverse, market } = choice.chosen;
  const { settleCurrency, ...head } = wish;
  const { spreadPercent, source, observedAt } = observed;
  const ratios = ratiosOf(market, { source: wish.from.currency, target: settleCurrency, spreadPercent });
  const converted = convertAt(ratios, wish.from.amount);
  const refusal = refuseSize(converted);
  if (refusal !== undefined) return { ok: false, refusal };
  return {
    ok: true,
    quote: {
      ...head,
      ...ratios,
      to: { amount: converted.target, currency: settleCurrency },
      spreadPercent,
      source,
      observedAt,
      rateId: observed.id,
      isInverse,
      createdAt: now,
      expiresAt: new Date(now.getTime() + limits.quoteTtlMs),
    },
  };
}

function refuseSize({ target, worth }: Converted): SizeRefusal | undefined {
  // The merchant would give something and get nothing.
  if (target === 0n) return 'amount_too_small';
  // The ledger books what it is worth, of which the target is a part.
  return isTooLarge(worth) ? 'amount_too_large' : undefined;
}

export type QuoteRefusal = 'quote_unknown' | 'quote_used' | 'quote_expired' | 'quote_mismatch' | SizeRefusal;

/** Whether a payment may have this quote: it is for exactly this amount, in time, and has gone to no other. */
export function refuseQuote(
  quote: Quote | undefined,
  payment: { id: string; amount: bigint; currency: string; settleCurrency: string },
  now: Date,
): QuoteRefusal | undefined {
  if (quote === undefined) return 'quote_unknown';
  if (quote.paymentId !== undefined) return quote.paymentId === payment.id ? undefined : 'quote_used';
  const isSame =
    quote.from.amount === payment.amount &&
    quote.from.currency === payment.currency &&
    quote.to.currency === payment.settleCurrency;
  if (!isSame) return 'quote_mismatch';
  // Offered before such offers were refused.
  const refusal = refuseSize({ ...convertAt(quote, quote.from.amount), target: quote.to.amount });
  if (refusal !== undefined) return refusal;
  return quote.expiresAt <= now ? 'quote_expired' : undefined;
}

export function pinQuote(quote: Quote): PinnedConversion {
  const { market, merchant, spreadPercent, source } = quote;
  return {
    quoteId: quote.id,
    settleCurrency: quote.to.currency,
    ...{ market, merchant, spreadPercent, source },
    observedAt: quote.observedAt.toISOString(),
  };
}
