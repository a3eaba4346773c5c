import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { addQuote, findQuote, listQuotes } from '../../../db/stores/exchange-quotes-store';
import { newestRates } from '../../../db/stores/exchange-rates-store';
import { makeQuote, type ExchangeLimits } from '../../../domain/exchange/quote';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors, readAmount, settledDetails } from '../../schemas/amount';
import { idInPath } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { newQuote, presentQuote, quoteOutput } from './messages';

const tag = 'Exchange';

export interface QuoteRoutesDeps {
  database: Database;
  exchange: ExchangeLimits;
}

/** Offers to exchange, for merchants: each is for one payment, and waits for it until it expires. */
export function quoteRoutes(deps: QuoteRoutesDeps): Route[] {
  const create = defineRoute({
    operationId: 'createExchangeQuote',
    method: 'post',
    path: '/exchange/quotes',
    tag,
    summary: 'Get a quote for an exchange',
    description:
      'Send its id as `quoteId` with the payment: the payment is settled at this rate, whatever comes.',
    auth: 'merchant',
    body: newQuote,
    responses: { 201: { description: 'The quote.', body: quoteOutput } },
    errors: [...amountErrors, 'exchange_needless', 'rate_unknown', 'rate_stale', 'amount_too_small'],
    handler: async ({ caller, body, idempotency }) => {
      const { currency, settleCurrency } = body;
      const amount = readAmount(body.amount, currency);
      if (typeof amount !== 'bigint') return amount;
      if (currency === settleCurrency) return fail('exchange_needless', { param: 'settleCurrency' });
      const { merchantId, mode } = caller;
      const from = { amount, currency };
      const wish = { id: idempotency.resourceId, merchantId, mode, from, settleCurrency };
      const rates = await newestRates(deps.database, { source: currency, target: settleCurrency });
      const made = makeQuote(wish, rates, deps.exchange, new Date());
      if (!made.ok) {
        const { refusal } = made;
        const isOfRate = refusal === 'rate_unknown' || refusal === 'rate_stale';
        return fail(refusal, isOfRate ? {} : settledDetails[refusal]);
      }
      await addQuote(deps.database, made.quote);
      const quote = await findQuote(deps.database, caller, made.quote.id);
      return { status: 201 as const, body: presentQuote(quote ?? made.quote) };
    },
  });

  const get = defineRoute({
    operationId: 'getExchangeQuote',
    method: 'get',
    path: '/exchange/quotes/{id}',
    tag,
    summary: 'Read a quote',
    auth: 'either',
    params: z.strictObject({ id: idInPath('exchangeQuote') }),
    responses: { 200: { description: 'The quote.', body: quoteOutput } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const quote = await findQuote(deps.database, caller, params.id);
      return quote === undefined ? fail('not_found') : { status: 200 as const, body: presentQuote(quote) };
    },
  });

  const list = defineRoute({
    operationId: 'listExchangeQuotes',
    method: 'get',
    path: '/exchange/quotes',
    tag,
    summary: 'List your quotes, newest first',
    auth: 'merchant',
    query: z.strictObject(pageQuery('exchangeQuote')),
    responses: { 200: { description: 'One page of quotes.', body: listOf(quoteOutput) } },
    errors: [],
    handler: async ({ caller, query }) => {
      const quotes = await listQuotes(deps.database, caller, query);
      return { status: 200 as const, body: toList(quotes, query.limit, presentQuote) };
    },
  });

  return [create, get, list];
}
