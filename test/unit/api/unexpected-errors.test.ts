import { Client } from 'pg';
import { ApiError, errorRules, presentError } from '../../../api/errors';
import { classifyUnexpected } from '../../../api/unexpected-errors';

const postgresError = (code: string) => Object.assign(new Error('server says'), { code, severity: 'FATAL' });

it.each([
  ['shutting down', postgresError('57P01')],
  ['starting up', postgresError('57P03')],
  ['too many connections', postgresError('53300')],
  ['connection broken', postgresError('08006')],
  ['nobody listens', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ['both addresses refuse', new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })])],
  ['no free connection', new Error('timeout exceeded when trying to connect')],
  ['lost in the middle', new Error('Connection terminated unexpectedly')],
])('a database that is away: %s', (_name, error) => {
  expect(classifyUnexpected(error).code).toBe('database_unavailable');
});

const grpcError = (code: number, text: string) =>
  new Error('Workflow Update failed', {
    cause: Object.assign(new Error(`${code}: ${text}`), { code, details: text, metadata: {} }),
  });

it.each([
  ['away', grpcError(14, 'No connection established'), 'temporal_unavailable'],
  [
    'not able to take an update just now',
    grpcError(9, 'Unable to perform workflow execution update due to Workflow Task in failed state.'),
    'temporal_unavailable',
  ],
  ['cut off', grpcError(2, 'transport error'), 'temporal_unavailable'],
  ['at a loss', grpcError(2, 'panic'), 'internal_error'],
  ['of another mind', grpcError(9, 'Namespace is not active'), 'internal_error'],
])('a Temporal server that is %s', (_name, error, code) => {
  expect(classifyUnexpected(error).code).toBe(code);
});

it('a real refused connection is one of them', async () => {
  const client = new Client({ connectionString: 'postgres://x@127.0.0.1:1/x' });
  const error: unknown = await client.connect().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(classifyUnexpected(error).code).toBe('database_unavailable');
});

it.each([
  ['a broken constraint', postgresError('23505')],
  ['a mistake of ours', new TypeError('x is not a function')],
  ['a thrown text', 'boom'],
])('%s is our own fault, and not said in its words', (_name, error) => {
  const known = classifyUnexpected(error);
  expect(known.code).toBe('internal_error');
  expect(known.message).not.toContain('x is not');
});

it.each([
  ['entity.too.large', 'body_too_large'],
  ['encoding.unsupported', 'content_type_unsupported'],
  ['request.aborted', 'request_timeout'],
])('a body reader that says %s means %s', (type, code) => {
  expect(classifyUnexpected(Object.assign(new Error('raw-body'), { type })).code).toBe(code);
});

it('every error names what to do, and errors worth repeating say when', () => {
  for (const [code, rule] of Object.entries(errorRules)) {
    expect(code).toMatch(/^[a-z_]+$/);
    expect(rule.message).toMatch(/\.$/);
    expect(rule.remedy).toMatch(/\.$/);
    if (rule.status === 429 || rule.status === 503) expect(rule.retryAfterSeconds).toBeGreaterThan(0);
  }
});

it('presents an error with its parameter, request and page', () => {
  const answer = presentError(new ApiError('parameter_invalid', { param: 'a.b', message: 'No.' }), {
    requestId: 'req_1',
    publicUrl: 'https://pay.example',
  });
  expect(answer).toEqual({
    status: 400,
    headers: {},
    body: {
      error: {
        type: 'invalid_request_error',
        code: 'parameter_invalid',
        message: `No. ${errorRules.parameter_invalid.remedy}`,
        param: 'a.b',
        requestId: 'req_1',
        docUrl: 'https://pay.example/docs/errors#parameter_invalid',
      },
    },
  });
});
