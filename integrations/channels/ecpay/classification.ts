import type { CallOutcome } from '../../call-outcome';
import type { HttpExchange } from '../../http-exchange';

const doubts = { timeout: 'timeout', lost: 'connection_lost', too_large: 'answer_too_large' } as const;

/** The transport only: ECPay says in the text of a 200 how it went, in another way for each service. */
export function classifyEcpay(exchange: HttpExchange): CallOutcome<string> {
  switch (exchange.kind) {
    case 'not_sent':
      return exchange.reason === 'tls'
        ? { kind: 'misconfigured', code: 'tls_failed', message: exchange.message }
        : { kind: 'retryable', code: 'connection_refused', message: exchange.message };
    case 'in_doubt':
      return { kind: 'unknown', code: doubts[exchange.reason], message: exchange.message };
    case 'answered':
      return classifyStatus(exchange.status, exchange.body);
  }
}

/** 403 is how ECPay says "too many requests"; it lasts half an hour. */
function classifyStatus(status: number, body: string): CallOutcome<string> {
  const message = `HTTP ${status}`;
  if (status === 200) return { kind: 'ok', status, value: body };
  if (status === 403 || status === 429) return { kind: 'retryable', code: 'rate_limited', message, status };
  if (status === 401 || status === 404 || (status >= 300 && status < 400)) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  return { kind: 'unknown', code: 'provider_error', message, status };
}
