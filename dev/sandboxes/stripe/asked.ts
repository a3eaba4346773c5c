import type { Operation, Faults } from '../parts/faults';
import { json, type Answer } from '../parts/http-answers';
import type { StripeAccount } from './account';
import type { Book, Result } from './book';
import type { CustomerBook } from './customers';
import { refuse } from './errors';
import type { createIdempotency } from './idempotency';
import { cardError, intentMessage } from './messages';
import type { Intent } from './objects';
import type { Teller } from './teller';

export interface ApiDependencies {
  account: StripeAccount;
  book: Book;
  customers: CustomerBook;
  teller: Teller;
  faults: Faults;
  now: () => number;
  idempotency: ReturnType<typeof createIdempotency>;
}

/** One request, read. */
export interface Asked {
  id: string;
  form: URLSearchParams;
  query: URLSearchParams;
  key: string;
}

/** One of Stripe's endpoints. */
export interface Endpoint {
  operation: Operation;
  method: 'GET' | 'POST';
  pattern: RegExp;
  answer(deps: ApiDependencies, asked: Asked): Answer;
}

export function missing(what: string, id: string, param?: string): Answer {
  const more = param === undefined ? {} : { param };
  return refuse(404, 'invalid_request_error', 'resource_missing', `No such ${what}: '${id}'`, more);
}

/** What became of an intent: itself, or the refusal with it inside. */
export function answered(intent: Intent, result: Result<unknown>): Answer {
  const message = intentMessage(intent);
  if (result.ok) return json(200, message);
  const { code, declineCode } = result;
  if (code === 'card_declined') {
    const error = cardError(declineCode ?? 'generic_decline');
    const more = { decline_code: error.decline_code, payment_intent: message };
    return refuse(402, error.type, error.code, 'Your card was declined.', more);
  }
  return refuse(400, 'invalid_request_error', code, code, { payment_intent: message });
}

/** An empty value is an order to unset, and where something is made there is nothing to unset. */
export function refusedEmpty(form: URLSearchParams): Answer | undefined {
  const param = [...form].find(([name, value]) => value === '' && !name.startsWith('metadata['))?.[0];
  if (param === undefined) return undefined;
  const message = `You passed an empty string for '${param}': '${param}' cannot be unset.`;
  return refuse(400, 'invalid_request_error', 'parameter_invalid_empty', message, { param });
}

export function metadataOf(form: URLSearchParams): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of form) {
    const key = /^metadata\[([^\]]{1,40})\]$/.exec(name)?.[1];
    if (key !== undefined) metadata[key] = value;
  }
  return metadata;
}

export function whole(text: string | null): number | undefined {
  return text !== null && /^[1-9][0-9]{0,11}$/.test(text) ? Number(text) : undefined;
}
