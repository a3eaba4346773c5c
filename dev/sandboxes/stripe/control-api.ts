import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { answerFaults } from '../parts/fault-controls';
import type { Faults } from '../parts/faults';
import { json, parseJson, readBody, refusal, type Answer } from '../parts/http-answers';
import type { WebhookSender } from '../parts/webhook-sender';
import type { Book } from './book';
import { bookEntry } from './book-entry';
import { evidenceWithinMs, referenceOf, type Teller } from './teller';

export interface ControlDependencies {
  book: Book;
  teller: Teller;
  faults: Faults;
  sender: WebhookSender;
  now: () => number;
}

const disputeSchema = z.strictObject({
  reference: z.string(),
  amount: z.int().min(1).optional(),
  reason_code: z.string().min(1).max(100).default('fraudulent'),
  evidence_due_at: z.iso.datetime().optional(),
});

const entriesMax = 10_000;

/** What Stripe does not have: its book laid open, its bad days by order, and the customers' banks. */
export async function answerControl(
  deps: ControlDependencies,
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /healthz':
      return json(200, { status: 'ok' });
    case 'GET /sandbox/book':
      return json(200, openBook(deps, url));
    case 'POST /sandbox/disputes':
      return openDispute(deps, await readBody(request));
    default:
      return (await answerFaults(deps.faults, request, url)) ?? decide(deps, request, url);
  }
}

function openBook({ book, sender }: ControlDependencies, url: URL) {
  const reference = url.searchParams.get('reference');
  const intents = book.newestFirst();
  const wanted = reference === null ? intents : intents.filter((intent) => referenceOf(intent) === reference);
  return {
    orders: wanted.slice(0, entriesMax).map(bookEntry),
    webhooks: { pending: sender.pending, dropped: sender.dropped },
  };
}

function openDispute({ book, teller, now }: ControlDependencies, body: string | undefined): Answer {
  const wanted = disputeSchema.safeParse(parseJson(body)).data;
  const intent = book.newestFirst().find((one) => referenceOf(one) === wanted?.reference);
  if (wanted === undefined || intent === undefined) {
    return refusal(400, 'invalid_request', 'the dispute does not read, or is about nothing');
  }
  const { amount, reason_code: reason, evidence_due_at: due } = wanted;
  const dueAt = due === undefined ? now() + evidenceWithinMs : Date.parse(due);
  return worded(teller.openDispute(intent, { amount, reason, dueAt }));
}

function decide(
  { book, teller }: ControlDependencies,
  request: IncomingMessage,
  url: URL,
): Answer | undefined {
  const match = /^\/sandbox\/disputes\/([^/]+)\/(win|lose)$/.exec(url.pathname);
  if (match === null || request.method !== 'POST') return undefined;
  const found = book.findDispute(match[1] ?? '');
  if (found === undefined) return refusal(404, 'resource_missing', 'no such dispute');
  return worded(teller.endDispute(found, match[2] === 'win' ? 'won' : 'lost'));
}

function worded(result: ReturnType<Teller['openDispute']>): Answer {
  if (!result.ok) return refusal(409, result.code, result.code.replaceAll('_', ' '));
  const { id, status } = result.value.dispute;
  return json(200, { dispute_id: id, status });
}
