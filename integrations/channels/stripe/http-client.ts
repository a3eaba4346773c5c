import type Stripe from 'stripe';
import { createDeadline, type Deadline } from '../../deadline';
import type { HttpClient, HttpExchange } from '../../http-exchange';

/** What became of a request that Stripe did not answer. */
export class ExchangeFailed extends Error {
  constructor(readonly exchange: Exclude<HttpExchange, { kind: 'answered' }>) {
    super(exchange.message);
  }
}

/** The SDK hands nothing through to its transport but headers: one of them, never sent, names the call's deadline. */
export interface StripeDeadlines {
  headersFor(deadline: Deadline): { headers: Record<string, string>; forget(): void };
  takeFrom(headers: Record<string, string>): Deadline | undefined;
}

const deadlineHeader = 'x-durapay-deadline';

export function createStripeDeadlines(): StripeDeadlines {
  // As many as calls are running.
  const running = new Map<string, Deadline>();
  let count = 0;
  return {
    headersFor(deadline) {
      count += 1;
      const name = String(count);
      running.set(name, deadline);
      return { headers: { [deadlineHeader]: name }, forget: () => running.delete(name) };
    },
    takeFrom(headers) {
      const key = Object.keys(headers).find((header) => header.toLowerCase() === deadlineHeader);
      if (key === undefined) return undefined;
      const deadline = running.get(headers[key] ?? '');
      delete headers[key];
      return deadline;
    },
  };
}

/**
 * Stripe's SDK on the house's own exchange: bounded answers, one deadline for the whole of it, and the difference
 * between "not sent" and "in doubt", which the SDK's own clients do not tell.
 */
export function stripeHttpClient(http: HttpClient, deadlines: StripeDeadlines): Stripe.HttpClient {
  return {
    getClientName: () => 'durapay',

    async makeRequest(host, port, path, method, headers, body, protocol, timeoutMs) {
      const sent = texts(headers);
      const deadline = deadlines.takeFrom(sent) ?? createDeadline(timeoutMs);
      const exchange = await http.exchange(
        {
          method: method as 'GET' | 'POST' | 'DELETE',
          origin: `${protocol}://${host}:${port}`,
          path,
          headers: sent,
          wantsHeaders: true,
          ...(body ? { body } : {}),
        },
        deadline,
      );
      if (exchange.kind !== 'answered') throw new ExchangeFailed(exchange);
      return {
        getStatusCode: () => exchange.status,
        getHeaders: () => ({ ...exchange.headers }),
        getRawResponse: () => ({ headers: exchange.headers }),
        toStream: () => {
          throw new Error('answers of Stripe are read whole');
        },
        toJSON: () => Promise.resolve().then(() => readObject(exchange.body)),
      };
    },
  };
}

/** The SDK writes into what it was answered, and where that is no object it breaks out of reach of its caller. */
function readObject(body: string): object {
  const read = JSON.parse(body) as unknown;
  if (typeof read !== 'object' || read === null) throw new TypeError('the answer is not a JSON object');
  return read;
}

function texts(headers: object): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) sent[name] = String(value);
  }
  return sent;
}
