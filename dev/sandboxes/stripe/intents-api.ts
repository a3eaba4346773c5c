import { json, type Answer } from '../parts/http-answers';
import {
  answered,
  metadataOf,
  missing,
  refusedEmpty,
  whole,
  type ApiDependencies,
  type Asked,
  type Endpoint,
} from './asked';
import type { Method } from './customers';
import { refuse } from './errors';
import { intentMessage, pageOf } from './messages';
import { referenceOf } from './teller';

export const intentEndpoints: Endpoint[] = [
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
    operation: 'create',
    method: 'POST',
    pattern: /^\/v1\/payment_intents\/([^/]+)\/confirm$/,
    answer: confirm,
  },
  {
    operation: 'capture',
    method: 'POST',
    pattern: /^\/v1\/payment_intents\/([^/]+)\/capture$/,
    answer: capture,
  },
];

function create(deps: ApiDependencies, asked: Asked): Answer {
  const { form } = asked;
  const refusal = refusedEmpty(form) ?? refusedAmount(form) ?? refusedCustomer(deps, form);
  if (refusal !== undefined) return refusal;
  if (form.get('confirm') !== 'true') {
    const intent = made(deps, asked);
    const answer = json(200, intentMessage(intent));
    deps.teller.attend(intent);
    return answer;
  }
  const methodId = form.get('payment_method') ?? '';
  const method = deps.customers.method(methodId);
  if (method === undefined || method.customer === null || method.customer !== form.get('customer')) {
    return missing('PaymentMethod', methodId, 'payment_method');
  }
  return charge(deps, asked, method);
}

/** Off session: the customer is not there, the method is on file, and the bank decides at once. */
function charge(deps: ApiDependencies, asked: Asked, method: Method): Answer {
  const intent = made(deps, asked);
  const target = { operation: 'create', reference: referenceOf(intent) } as const;
  if (deps.faults.strike('left_unconfirmed', target)) {
    return json(200, intentMessage(deps.book.leaveUnconfirmed(intent, method.id)));
  }
  return answered(intent, deps.teller.charge(intent, method));
}

/** The merchant's server confirms with its own key, with the method that the intent has. */
function confirm({ book, customers, teller }: ApiDependencies, { id }: Asked): Answer {
  const intent = book.find(id);
  const method = customers.method(intent?.paymentMethod ?? '');
  if (intent === undefined || method === undefined) return missing('payment_intent', id);
  return answered(intent, teller.charge(intent, method));
}

function made({ book }: ApiDependencies, { form, key }: Asked) {
  return book.create({
    key,
    amount: whole(form.get('amount')) ?? 0,
    currency: form.get('currency') ?? '',
    captureMethod: form.get('capture_method') === 'manual' ? 'manual' : 'automatic',
    description: form.get('description') ?? '',
    metadata: metadataOf(form),
    customer: form.get('customer'),
    keepsMethod: form.get('setup_future_usage') === 'off_session',
  });
}

/** The least of a charge in Stripe's units; for others its list has none. */
const leastOf: Readonly<Record<string, number>> = { usd: 50, eur: 50, gbp: 30, hkd: 400, sgd: 50, jpy: 50 };

function refusedAmount(form: URLSearchParams): Answer | undefined {
  const amount = whole(form.get('amount'));
  const currency = form.get('currency') ?? '';
  if (amount === undefined || !/^[a-z]{3}$/.test(currency)) {
    return refuse(400, 'invalid_request_error', 'parameter_invalid_integer', 'Invalid integer: amount');
  }
  if (amount > 99_999_999) {
    return refuse(400, 'invalid_request_error', 'amount_too_large', 'Amount must be no more than 99999999');
  }
  const least = leastOf[currency] ?? 1;
  if (amount < least) {
    const message = `Amount must be at least ${least} ${currency} in its smallest unit`;
    return refuse(400, 'invalid_request_error', 'amount_too_small', message);
  }
  if (currency === 'twd' && amount % 100 !== 0) {
    return refuse(400, 'invalid_request_error', 'amount_too_small', 'TWD has no cents');
  }
  return undefined;
}

function refusedCustomer({ customers }: ApiDependencies, form: URLSearchParams): Answer | undefined {
  const id = form.get('customer');
  return id === null || customers.find(id) !== undefined ? undefined : missing('customer', id, 'customer');
}

function retrieve({ book }: ApiDependencies, { id }: Asked): Answer {
  const intent = book.find(id);
  return intent ? json(200, intentMessage(intent)) : missing('payment_intent', id);
}

function list({ book }: ApiDependencies, { query }: Asked): Answer {
  const since = Number(query.get('created[gte]') ?? 0) * 1_000;
  const until = Number(query.get('created[lte]') ?? Number.MAX_SAFE_INTEGER / 1_000) * 1_000;
  const newest = book.newestFirst().filter(({ createdAt }) => createdAt >= since && createdAt <= until);
  return json(200, pageOf(newest.map(intentMessage), query, '/v1/payment_intents'));
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
  if (intent === undefined) return missing('payment_intent', id);
  const cancelled = book.cancel(intent);
  if (cancelled.ok) teller.tell('payment_intent.canceled', intent);
  return answered(intent, cancelled);
}

function capture({ book, teller }: ApiDependencies, { id, form, key }: Asked): Answer {
  const intent = book.find(id);
  if (intent === undefined) return missing('payment_intent', id);
  const amount = whole(form.get('amount_to_capture'));
  const captured = book.capture(intent, { key, amount, metadata: metadataOf(form) });
  if (captured.ok) teller.tell('payment_intent.succeeded', intent);
  return answered(intent, captured);
}
