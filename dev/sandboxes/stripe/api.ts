import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import { json, readBytes, write, type Answer } from '../parts/http-answers';
import { answered, metadataOf, missing, type ApiDependencies, type Asked, type Endpoint } from './asked';
import { customerEndpoints } from './customers-api';
import { refuse } from './errors';
import { fileBytesMax, takeFile } from './files-api';
import { intentEndpoints } from './intents-api';
import { moneyEndpoints } from './money-api';
import { referenceOf } from './teller';

const endpoints: Endpoint[] = [...intentEndpoints, ...moneyEndpoints, ...customerEndpoints];

const badDays: BadDays = {
  internalError: refuse(500, 'api_error', undefined, 'on demand'),
  notProcessed: refuse(429, 'invalid_request_error', 'lock_timeout', 'on demand'),
  rateLimited: refuse(429, 'invalid_request_error', 'rate_limit', 'on demand'),
  withUnknownStatus: (answer) => {
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    return json(answer.status, { ...body, status: 'levitating' });
  },
};

/** Stripe's endpoints, as far as Durapay uses them, with the faults of the day. */
export async function serveApi(
  deps: ApiDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const isFile = url.pathname === '/v1/files';
  const bytes = await readBytes(request, isFile ? fileBytesMax : undefined);
  if (bytes === undefined)
    return write(response, refuse(413, 'invalid_request_error', undefined, 'too long'));
  const body = isFile ? '' : bytes.toString('utf8');
  const form = new URLSearchParams(body);
  const confirmed = /^\/v1\/payment_intents\/([^/]+)\/confirm$/.exec(url.pathname)?.[1];
  if (confirmed !== undefined && form.has('client_secret')) {
    return write(response, confirmInBrowser(deps, confirmed, form));
  }
  if (request.headers.authorization !== `Bearer ${deps.account.secretKey}`) {
    return write(response, refuse(401, 'invalid_request_error', undefined, 'Invalid API Key provided'));
  }
  if (isFile) {
    const target = { operation: 'upload', reference: '' } as const;
    if (await strikeBefore(deps.faults, target, response, badDays)) return;
    const answer = takeFile(String(request.headers['content-type']), bytes);
    return answerWithFaults(deps.faults, target, response, answer, badDays);
  }
  for (const endpoint of endpoints) {
    const match = endpoint.method === request.method ? endpoint.pattern.exec(url.pathname) : null;
    if (match === null) continue;
    const id = match[1] ?? form.get('payment_intent') ?? '';
    const target = { operation: endpoint.operation, reference: referenceFor(deps, id, form) };
    if (await strikeBefore(deps.faults, target, response, badDays)) return;
    const key = String(request.headers['idempotency-key'] ?? '');
    const asked: Asked = { id, form, query: url.searchParams, key };
    const answer = once(deps, endpoint, asked, url.pathname, body);
    return answerWithFaults(deps.faults, target, response, answer, badDays);
  }
  write(response, refuse(404, 'invalid_request_error', undefined, 'Unrecognized request URL'));
}

function once(deps: ApiDependencies, endpoint: Endpoint, asked: Asked, path: string, body: string): Answer {
  if (endpoint.method !== 'POST' || asked.key === '') return endpoint.answer(deps, asked);
  const known = deps.idempotency.recall(asked.key, path, body);
  if (known !== undefined) return known;
  const answer = endpoint.answer(deps, asked);
  // What the bank said is kept as well; a request that was refused before it was begun may be made anew.
  if (answer.status === 200 || answer.status === 402) deps.idempotency.keep(asked.key, path, body, answer);
  return answer;
}

function referenceFor({ book }: ApiDependencies, id: string, form: URLSearchParams): string {
  const intent = book.find(id) ?? book.findDispute(id)?.intent;
  return intent ? referenceOf(intent) : (metadataOf(form)['durapay_reference'] ?? '');
}

/** What Stripe.js does in the customer's browser: with the intent's secret, and the publishable key at most. */
function confirmInBrowser({ book, teller }: ApiDependencies, id: string, form: URLSearchParams): Answer {
  const intent = book.find(id);
  if (intent?.clientSecret !== form.get('client_secret')) return missing('payment_intent', id);
  return answered(intent, teller.confirm(intent, form.get('payment_method') ?? ''));
}
