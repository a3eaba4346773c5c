import type { CallOutcome } from './call-outcome';
import type { HttpExchange } from './http-exchange';

/** How one provider words its refusals. */
export interface ProviderErrors {
  /** The provider's code in the body of a refusal; undefined if this is not the provider's own wording. */
  codeOf(body: unknown): string | undefined;
  /** Codes by which the provider swears that nothing was done, whatever the HTTP status. */
  notProcessed: readonly string[];
}

/**
 * What an exchange means. When in doubt it is unknown: a wrong "unknown" costs one query, a wrong "nothing
 * happened" charges a customer twice.
 */
export function classifyJson(exchange: HttpExchange, errors: ProviderErrors): CallOutcome<unknown> {
  switch (exchange.kind) {
    case 'not_sent':
      return exchange.reason === 'tls'
        ? { kind: 'misconfigured', code: 'tls_failed', message: exchange.message }
        : { kind: 'retryable', code: 'connection_refused', message: exchange.message };
    case 'in_doubt':
      return { kind: 'unknown', code: doubts[exchange.reason], message: exchange.message };
    case 'answered':
      return classifyAnswer(exchange.status, exchange.body, errors);
  }
}

const doubts = { timeout: 'timeout', lost: 'connection_lost', too_large: 'answer_too_large' } as const;

function classifyAnswer(status: number, text: string, errors: ProviderErrors): CallOutcome<unknown> {
  const body = parseJson(text);
  if (status >= 200 && status < 300) {
    if (body !== undefined) return { kind: 'ok', status, value: body };
    return { kind: 'unknown', code: 'answer_unreadable', message: 'the answer is not JSON', status };
  }
  const code = body === undefined ? undefined : errors.codeOf(body);
  const message = code === undefined ? `HTTP ${status}` : `HTTP ${status} ${code}`;
  if (status === 401 || status === 403) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  if (status === 429) return { kind: 'retryable', code: 'rate_limited', message, status };
  if (code !== undefined && errors.notProcessed.includes(code)) {
    return { kind: 'retryable', code: 'channel_unavailable', message, status };
  }
  if (status >= 400 && status < 500 && code !== undefined) {
    return { kind: 'declined', status, code, value: body };
  }
  // A path the provider doesn't know, or a detour, is a base address gone wrong.
  if (status === 404 || (status >= 300 && status < 400)) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  return { kind: 'unknown', code: 'provider_error', message, status };
}

/** undefined is never JSON, so it can stand for "not JSON". */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
