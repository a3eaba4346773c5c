import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import type { Faults, Operation } from '../parts/faults';
import { json, readBody, write, type Answer } from '../parts/http-answers';
import type { StripeAccount } from './account';
import type { Book, Result } from './book';
import { refuse } from './errors';
import type { createIdempotency } from './idempotency';
import { intentMessage, refundMessage, type Intent } from './objects';
import type { Teller } from './teller';

export interface ApiDependencies {
  account: StripeAccount;
  book: Book;
  teller: Teller;
  faults: Faults;
  idempotency: ReturnType<typeof createIdempotency>;
}

interface Asked {
  id: string;
  form: URLSearchParams;
  query: URLSearchParams;
  key: string;
}

interface Route {
  operation: Operation;
  method: string;
  pattern: RegExp;
  answer(deps: ApiDependencies, asked: Asked): Answer;
}

const routes: Route[] = [
  { operation: 'create', method: 'POST', pattern: /^\/v1\/payment_intents$/, answer: create },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/payment_intents$/, answer: list },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/payment_intents\/search$/, answer: search },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/payment_intents\/([^/]+)$/, answer: retrieve },
  {
    operation: 'cancel',
    method: 'POST',
    pattern: /^\/v1\/payment_intents\/([^/]+)\/cancel$/,
    answer: cancel,
  },
  {
    operation: 'capture',
    method: 'POST',
    pattern: /^\/v1\/payment_intents\/([^/]+)\/capture$/,
    answer: capture,
  },
  { operation: 'refund', method: 'POST', pattern: /^\/v1\/refunds$/, answer: refund },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/refunds$/, answer: listRefunds },
];

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
  const body = await readBody(request);
  if (body === undefined) return write(response, refuse(413, 'invalid_request_error', undefined, 'too long'));
  const form = new URLSearchParams(body);
  const confirmed = /^\/v1\/payment_intents\/([^/]+)\/confirm$/.exec(url.pathname)?.[1];
  if (confirmed !== undefined) return write(response, confirm(deps, confirmed, form));
  if (request.headers.authorization !== `Bearer ${deps.account.secretKey}`) {
    return write(response, refuse(401, 'invalid_request_error', undefined, 'Invalid API Key provided'));
  }
  for (const route of routes) {
    const match = route.method === request.method ? route.pattern.exec(url.pathname) : null;
    if (match === null) continue;
    const id = match[1] ?? form.get('payment_intent') ?? '';
    const target = { operation: route.operation, reference: referenceOf(deps, id, form) };
    if (await strikeBefore(deps.faults, target, response, badDays)) return;
    const asked = {
      id,
      form,
      query: url.searchParams,
      key: String(request.headers['idempotency-key'] ?? ''),
    };
    const answer = once(deps, route, asked, url.pathname, body);
    return answerWithFaults(deps.faults, target, response, answer, badDays);
  }
  write(response, refuse(404, 'invalid_request_error', undefined, 'Unrecognized request URL'));
}

function once(deps: ApiDependencies, route: Route, asked: Asked, path: string, body: string): Answer {
  if (route.method !== 'POST' || asked.key === '') return route.answer(deps, asked);
  const known = deps.idempotency.recall(asked.key, path, body);
  if (known !== undefined) return known;
  const answer = route.answer(deps, asked);
  // A request that was refused before it was begun may be made anew under its key.
  if (answer.status === 200) deps.idempotency.keep(asked.key, path, body, answer);
  return answer;
}

function referenceOf({ book }: ApiDependencies, id: string, form: URLSearchParams): string {
  const metadata = book.find(id)?.metadata ?? metadataOf(form);
  return metadata['durapay_reference'] ?? '';
}

function metadataOf(form: URLSearchParams): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of form) {
    const key = /^metadata\[([^\]]{1,40})\]$/.exec(name)?.[1];
    if (key !== undefined) metadata[key] = value;
  }
  return metadata;
}

function create({ book, teller }: ApiDependencies, { form, key }: Asked): Answer {
  const amount = whole(form.get('amount'));
  const currency = form.get('currency') ?? '';
  if (amount === undefined || !/^[a-z]{3}$/.test(currency)) {
    return refuse(400, 'invalid_request_error', 'parameter_invalid_integer', 'Invalid integer: amount');
  }
  if (amount > 99_999_999) {
    return refuse(400, 'invalid_request_error', 'amount_too_large', 'Amount must be no more than 99999999');
  }
  if (currency === 'twd' && amount % 100 !== 0) {
    return refuse(400, 'invalid_request_error', 'amount_too_small', 'TWD has no cents');
  }
  const intent = book.create({
    key,
    amount,
    currency,
    captureMethod: form.get('capture_method') === 'manual' ? 'manual' : 'automatic',
    description: form.get('description') ?? '',
    metadata: metadataOf(form),
  });
  const answer = json(200, intentMessage(intent));
  teller.attend(intent);
  return answer;
}

function retrieve({ book }: ApiDependencies, { id }: Asked): Answer {
  const intent = book.find(id);
  return intent ? json(200, intentMessage(intent)) : missing(id);
}

function list({ book }: ApiDependencies, { query }: Asked): Answer {
  const since = Number(query.get('created[gte]') ?? 0) * 1_000;
  const newest = book.newestFirst().filter(({ createdAt }) => createdAt >= since);
  const after = newest.findIndex(({ id }) => id === query.get('starting_after'));
  const limit = whole(query.get('limit')) ?? 10;
  const page = newest.slice(after + 1, after + 1 + limit);
  const hasMore = newest.length > after + 1 + page.length;
  return json(200, {
    object: 'list',
    data: page.map(intentMessage),
    has_more: hasMore,
    url: '/v1/payment_intents',
  });
}

function search({ book, faults }: ApiDependencies, { query }: Asked): Answer {
  const match = /^metadata\['([^']+)'\]:'([^']*)'$/.exec(query.get('query') ?? '');
  if (match === null) return refuse(400, 'invalid_request_error', undefined, 'the query does not read');
  const [, name = '', value] = match;
  // What the index has not seen yet is not found, as on Stripe's own bad days.
  const lags = faults.strike('search_lags', { operation: 'query', reference: value ?? '' });
  const found = lags ? [] : book.newestFirst().filter(({ metadata }) => metadata[name] === value);
  return json(200, {
    object: 'search_result',
    data: found.slice(0, 1).map(intentMessage),
    has_more: found.length > 1,
    url: '/v1/payment_intents/search',
  });
}

function cancel({ book, teller }: ApiDependencies, { id }: Asked): Answer {
  const intent = book.find(id);
  if (intent === undefined) return missing(id);
  const cancelled = book.cancel(intent);
  if (cancelled.ok) teller.tell('payment_intent.canceled', intent);
  return answered(intent, cancelled);
}

function capture({ book, teller }: ApiDependencies, { id, form, key }: Asked): Answer {
  const intent = book.find(id);
  if (intent === undefined) return missing(id);
  const captured = book.capture(intent, { key, amount: whole(form.get('amount_to_capture')) });
  if (captured.ok) teller.tell('payment_intent.succeeded', intent);
  return answered(intent, captured);
}

function refund({ book, teller }: ApiDependencies, { id, form, key }: Asked): Answer {
  const intent = book.find(id);
  if (intent === undefined) return missing(id);
  const amount = whole(form.get('amount')) ?? intent.amountReceived;
  const made = book.refund(intent, { key, amount, metadata: metadataOf(form) });
  if (!made.ok) return answered(intent, made);
  teller.settleRefund(intent, made.value);
  return json(200, refundMessage(intent, made.value));
}

function listRefunds({ book }: ApiDependencies, { query }: Asked): Answer {
  const id = query.get('payment_intent') ?? '';
  const intent = book.find(id);
  if (intent === undefined) return missing(id);
  const data = intent.refunds.map((made) => refundMessage(intent, made)).reverse();
  const after = data.findIndex((made) => made.id === query.get('starting_after'));
  const limit = whole(query.get('limit')) ?? 10;
  const page = data.slice(after + 1, after + 1 + limit);
  const hasMore = data.length > after + 1 + page.length;
  return json(200, { object: 'list', data: page, has_more: hasMore, url: '/v1/refunds' });
}

/** What Stripe.js does in the customer's browser: with the intent's secret, and the publishable key at most. */
function confirm({ book, teller }: ApiDependencies, id: string, form: URLSearchParams): Answer {
  const intent = book.find(id);
  if (intent?.clientSecret !== form.get('client_secret')) return missing(id);
  return answered(intent, teller.confirm(intent, declineCodes[form.get('payment_method') ?? '']));
}

/** Stripe's own test payment methods. */
const declineCodes: Record<string, string> = {
  pm_card_visa_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_visa_chargeDeclinedFraudulent: 'fraudulent',
};

function answered(intent: Intent, result: Result<unknown>): Answer {
  const message = intentMessage(intent);
  if (result.ok) return json(200, message);
  const { code, declineCode } = result;
  if (code === 'card_declined') {
    const more = { decline_code: declineCode, payment_intent: message };
    return refuse(402, 'card_error', code, 'Your card was declined.', more);
  }
  return refuse(400, 'invalid_request_error', code, code, { payment_intent: message });
}

function missing(id: string): Answer {
  return refuse(404, 'invalid_request_error', 'resource_missing', `No such payment_intent: '${id}'`);
}

function whole(text: string | null): number | undefined {
  return text !== null && /^[1-9][0-9]{0,11}$/.test(text) ? Number(text) : undefined;
}
