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

/** What Stripe refuses with: anything else may come from something in between that had let the request through. */
const refusingStatuses = new Set([400, 401, 402, 403, 404, 429]);
const refusingTypes = new Set([
  'card_error',
  'invalid_request_error',
  'idempotency_error',
  'authentication_error',
  'permission_error',
  'rate_limit_error',
]);

function failure(error: unknown): CallOutcome<never> {
  if (!(error instanceof Stripe.errors.StripeError)) return unreadable;
  const { detail } = error;
  if (detail instanceof ExchangeFailed) return notAnswered(detail.exchange);
  const { statusCode: status, code, type, raw } = error;
  if (status === undefined) return unreadable;
  const message = `HTTP ${status} ${code ?? type}`;
  if (!isRefusal(error, status)) return { kind: 'unknown', code: 'provider_error', message, status };
  if (status === 401 || status === 403) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  // Stripe's word for both: too many requests, and an object that another request holds. Neither did anything.
  if (status === 429) return { kind: 'retryable', code: 'rate_limited', message, status };
  const isConflict = error instanceof Stripe.errors.StripeIdempotencyError;
  return {
    kind: 'declined',
    status,
    code: isConflict ? 'idempotency_error' : (code ?? type),
    value: raw as never,
  };
}

function isRefusal({ rawType, code }: Stripe.errors.StripeError, status: number): boolean {
  if (!refusingTypes.has(rawType ?? '')) return false;
  // The one conflict that Stripe has a word for; what it means is read by whoever asked.
  return refusingStatuses.has(status) || (status === 409 && code === 'idempotency_key_in_use');
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
