import Stripe from 'stripe';
import type { CallOutcome } from '../../call-outcome';
import type { HttpExchange } from '../../http-exchange';
import { ExchangeFailed } from './http-client';

/** What a call through the SDK came to: its answers and its errors as the pipeline's outcomes. */
export async function classifyStripe<Value>(call: () => Promise<Value>): Promise<CallOutcome<Value>> {
  try {
    return { kind: 'ok', status: 200, value: await call() };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): CallOutcome<never> {
  if (!(error instanceof Stripe.errors.StripeError)) return unreadable;
  const { detail } = error;
  if (detail instanceof ExchangeFailed) return notAnswered(detail.exchange);
  const { statusCode: status, code, type, raw } = error;
  if (status === undefined) return unreadable;
  const message = `HTTP ${status} ${code ?? type}`;
  if (status === 401 || status === 403) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  // Stripe's word for both: too many requests, and an object that another request holds. Neither did anything.
  if (status === 429) return { kind: 'retryable', code: 'rate_limited', message, status };
  if (status >= 400 && status < 500) {
    const isConflict = error instanceof Stripe.errors.StripeIdempotencyError;
    return {
      kind: 'declined',
      status,
      code: isConflict ? 'idempotency_error' : (code ?? type),
      value: raw as never,
    };
  }
  return { kind: 'unknown', code: 'provider_error', message, status };
}

const unreadable: CallOutcome<never> = {
  kind: 'unknown',
  code: 'answer_unreadable',
  message: 'the answer is not one of Stripe',
};

function notAnswered(exchange: Exclude<HttpExchange, { kind: 'answered' }>): CallOutcome<never> {
  const { message } = exchange;
  if (exchange.kind === 'in_doubt') return { kind: 'unknown', code: doubts[exchange.reason], message };
  return exchange.reason === 'tls'
    ? { kind: 'misconfigured', code: 'tls_failed', message }
    : { kind: 'retryable', code: 'connection_refused', message };
}

const doubts = { timeout: 'timeout', lost: 'connection_lost', too_large: 'answer_too_large' } as const;
