import {
  makeQuote,
  refuseQuote,
  type ExchangeLimits,
  type Quote,
  type QuoteRefusal,
} from '../../domain/exchange/quote';
import type { RateRefusal } from '../../domain/exchange/rates';
import type { Mode } from '../../domain/payment/reference';
import { newId } from '../ids';
import type { Queryable } from '../pool';
import { findQuote } from '../stores/exchange-quotes-store';
import { newestRates } from '../stores/exchange-rates-store';

export interface ConversionAsk {
  paymentId: string;
  merchantId: string;
  mode: Mode;
  amountMinor: string;
  currency: string;
  settleCurrency: string;
  /** Without one a quote is made. */
  quoteId?: string;
}

export type ExchangeTerms =
  { ok: true; quote: Quote; isNew: boolean } | { ok: false; refusal: RateRefusal | QuoteRefusal };

/** The terms a payment would be exchanged at, if it began now: those of its quote, or of the newest rate. */
export async function findExchangeTerms(
  database: Queryable,
  limits: ExchangeLimits,
  ask: ConversionAsk,
): Promise<ExchangeTerms> {
  const { paymentId, merchantId, mode, currency, settleCurrency, quoteId } = ask;
  const amount = BigInt(ask.amountMinor);
  const now = new Date();
  if (quoteId === undefined) {
    const rates = await newestRates(database, { source: currency, target: settleCurrency });
    const wish = { id: newId(), merchantId, mode, from: { amount, currency }, settleCurrency };
    const made = makeQuote(wish, rates, limits, now);
    return made.ok ? { ok: true, quote: { ...made.quote, paymentId }, isNew: true } : made;
  }
  const quote = await findQuote(database, { role: 'merchant', merchantId, mode }, quoteId);
  const refusal = refuseQuote(quote, { id: paymentId, amount, currency, settleCurrency }, now);
  if (quote === undefined || refusal !== undefined) return { ok: false, refusal: refusal ?? 'quote_unknown' };
  return { ok: true, quote, isNew: false };
}
