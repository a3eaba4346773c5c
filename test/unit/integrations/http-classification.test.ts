import type { HttpExchange } from '../../../integrations/http-exchange';
import { classifyJson, type ProviderErrors } from '../../../integrations/http-classification';

const errors: ProviderErrors = {
  codeOf: (body) => {
    const code = (body as { code?: unknown } | null)?.code;
    return typeof code === 'string' ? code : undefined;
  },
  notProcessed: ['not_processed'],
};

const answered = (status: number, body: string): HttpExchange => ({ kind: 'answered', status, body });
const refused = '{"code":"no_such_order"}';

describe('what an exchange means', () => {
  it.each<[string, HttpExchange, string, string | undefined]>([
    ['an answer', answered(200, '{}'), 'ok', undefined],
    ['a created thing', answered(201, '[]'), 'ok', undefined],
    ['success that is not JSON', answered(200, '<html>'), 'unknown', 'answer_unreadable'],
    ['success with nothing', answered(204, ''), 'unknown', 'answer_unreadable'],
    ['success cut short', answered(200, '{"id":'), 'unknown', 'answer_unreadable'],
    ['the provider’s own 404', answered(404, refused), 'declined', 'no_such_order'],
    ['its 409', answered(409, refused), 'declined', 'no_such_order'],
    ['its 422', answered(422, refused), 'declined', 'no_such_order'],
    ['somebody else’s 404', answered(404, '<html>'), 'misconfigured', 'channel_misconfigured'],
    ['a 404 in JSON of another kind', answered(404, '{}'), 'misconfigured', 'channel_misconfigured'],
    ['a detour', answered(302, ''), 'misconfigured', 'channel_misconfigured'],
    ['401', answered(401, refused), 'misconfigured', 'channel_misconfigured'],
    ['403 from a firewall', answered(403, '<html>'), 'misconfigured', 'channel_misconfigured'],
    ['429', answered(429, ''), 'retryable', 'rate_limited'],
    ['503 that swears', answered(503, '{"code":"not_processed"}'), 'retryable', 'channel_unavailable'],
    ['503 that does not', answered(503, refused), 'unknown', 'provider_error'],
    ['503 of a proxy', answered(503, '<html>'), 'unknown', 'provider_error'],
    ['500', answered(500, refused), 'unknown', 'provider_error'],
    ['502', answered(502, ''), 'unknown', 'provider_error'],
    ['504', answered(504, ''), 'unknown', 'provider_error'],
    ['a 400 in nobody’s words', answered(400, 'bad'), 'unknown', 'provider_error'],
    ['408', answered(408, ''), 'unknown', 'provider_error'],
    ['nobody there', { kind: 'not_sent', reason: 'refused', message: '' }, 'retryable', 'connection_refused'],
    ['a bad certificate', { kind: 'not_sent', reason: 'tls', message: '' }, 'misconfigured', 'tls_failed'],
    ['a time-out', { kind: 'in_doubt', reason: 'timeout', message: '' }, 'unknown', 'timeout'],
    ['a lost connection', { kind: 'in_doubt', reason: 'lost', message: '' }, 'unknown', 'connection_lost'],
    ['too much', { kind: 'in_doubt', reason: 'too_large', message: '' }, 'unknown', 'answer_too_large'],
  ])('%s', (_name, exchange, kind, code) => {
    const outcome = classifyJson(exchange, errors);
    expect(outcome.kind).toBe(kind);
    expect('code' in outcome ? outcome.code : undefined).toBe(code);
  });

  it('takes JSON null for an answer, not for a missing one', () => {
    expect(classifyJson(answered(200, 'null'), errors)).toEqual({ kind: 'ok', status: 200, value: null });
  });
});
