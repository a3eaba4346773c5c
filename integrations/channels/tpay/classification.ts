import type { CallOutcome } from '../../call-outcome';
import type { HttpExchange } from '../../http-exchange';
import { envelopeSchema } from './messages';

/** TPay's own codes; by contract nothing has happened under any of them. */
const refusals = new Set([
  '1001',
  '2001',
  '2002',
  '2003',
  '2004',
  '2005',
  '2006',
  '3001',
  '3002',
  '3003',
  '3004',
]);

/**
 * TPay answers everything with HTTP 200 and says in the envelope how it went. A code that the contract does not
 * list may mean anything, so it is unknown.
 */
export function classifyTpay(exchange: HttpExchange): CallOutcome<unknown> {
  switch (exchange.kind) {
    case 'not_sent':
      return exchange.reason === 'tls'
        ? { kind: 'misconfigured', code: 'tls_failed', message: exchange.message }
        : { kind: 'retryable', code: 'connection_refused', message: exchange.message };
    case 'in_doubt':
      return { kind: 'unknown', code: doubts[exchange.reason], message: exchange.message };
    case 'answered':
      return exchange.status === 200 ? classifyEnvelope(exchange.body) : classifyStatus(exchange.status);
  }
}

const doubts = { timeout: 'timeout', lost: 'connection_lost', too_large: 'answer_too_large' } as const;

function classifyEnvelope(text: string): CallOutcome<unknown> {
  const status = 200;
  const envelope = envelopeSchema.safeParse(parseJson(text)).data;
  if (envelope === undefined) {
    return { kind: 'unknown', code: 'answer_unreadable', message: 'the answer is no envelope', status };
  }
  const { code, data } = envelope;
  const message = `TPay code ${code}`;
  if (code === '0000') return { kind: 'ok', status, value: data };
  if (refusals.has(code)) return { kind: 'declined', status, code, value: data };
  switch (code) {
    case '1002':
    case '1003':
    case '1004':
      return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
    case '5001':
      return { kind: 'retryable', code: 'channel_unavailable', message, status };
    case '5002':
      return { kind: 'retryable', code: 'rate_limited', message, status };
    default:
      return { kind: 'unknown', code: 'provider_error', message, status };
  }
}

/** Without an envelope it is not TPay who speaks but something on the way to it. */
function classifyStatus(status: number): CallOutcome<unknown> {
  const message = `HTTP ${status}`;
  if (status === 429) return { kind: 'retryable', code: 'rate_limited', message, status };
  if ([401, 403, 404].includes(status) || (status >= 300 && status < 400)) {
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  return { kind: 'unknown', code: 'provider_error', message, status };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
