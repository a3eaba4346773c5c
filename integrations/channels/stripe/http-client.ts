import type Stripe from 'stripe';
import { createDeadline } from '../../deadline';
import type { HttpClient, HttpExchange } from '../../http-exchange';

/** What became of a request that Stripe did not answer. */
export class ExchangeFailed extends Error {
  constructor(readonly exchange: Exclude<HttpExchange, { kind: 'answered' }>) {
    super(exchange.message);
  }
}

/**
 * Stripe's SDK on the house's own exchange: bounded answers, one deadline for the whole of it, and the difference
 * between "not sent" and "in doubt", which the SDK's own clients do not tell.
 */
export function stripeHttpClient(http: HttpClient): Stripe.HttpClient {
  return {
    getClientName: () => 'durapay',

    async makeRequest(host, port, path, method, headers, body, protocol, timeoutMs) {
      const exchange = await http.exchange(
        {
          method: method as 'GET' | 'POST' | 'DELETE',
          origin: `${protocol}://${host}:${port}`,
          path,
          headers: texts(headers),
          wantsHeaders: true,
          ...(body ? { body } : {}),
        },
        createDeadline(timeoutMs),
      );
      if (exchange.kind !== 'answered') throw new ExchangeFailed(exchange);
      return {
        getStatusCode: () => exchange.status,
        getHeaders: () => ({ ...exchange.headers }),
        getRawResponse: () => ({ headers: exchange.headers }),
        toStream: () => {
          throw new Error('answers of Stripe are read whole');
        },
        toJSON: () => Promise.resolve().then(() => JSON.parse(exchange.body) as unknown),
      };
    },
  };
}

function texts(headers: object): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) sent[name] = String(value);
  }
  return sent;
}
