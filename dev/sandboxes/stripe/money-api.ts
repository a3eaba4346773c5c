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
import { movementsOf } from './balance';
import { refuse } from './errors';
import { chargeMessage, disputeMessage, pageOf, refundMessage } from './messages';
import type { Intent } from './objects';

/** What follows a charge: refunds, disputes, and what all of it did to the balance. */
export const moneyEndpoints: Endpoint[] = [
  { operation: 'refund', method: 'POST', pattern: /^\/v1\/refunds$/, answer: refund },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/refunds$/, answer: listRefunds },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/disputes\/([^/]+)$/, answer: retrieveDispute },
  { operation: 'evidence', method: 'POST', pattern: /^\/v1\/disputes\/([^/]+)$/, answer: updateDispute },
  { operation: 'statement', method: 'GET', pattern: /^\/v1\/balance_transactions$/, answer: listMovements },
];

function refund({ book, teller }: ApiDependencies, { id, form, key }: Asked): Answer {
  const refusal = refusedEmpty(form);
  if (refusal !== undefined) return refusal;
  const intent = book.find(id);
  if (intent === undefined) return missing('payment_intent', id);
  const amount = whole(form.get('amount')) ?? intent.amountReceived;
  const made = book.refund(intent, { key, amount, metadata: metadataOf(form) });
  if (!made.ok) return answered(intent, made);
  if (made.value.effects === 0 && made.value.status === 'pending') teller.settleRefund(intent, made.value);
  return json(200, refundMessage(intent, made.value));
}

function listRefunds({ book }: ApiDependencies, { query }: Asked): Answer {
  const id = query.get('payment_intent') ?? '';
  const intent = book.find(id);
  if (intent === undefined) return missing('payment_intent', id);
  const data = intent.refunds.map((made) => refundMessage(intent, made)).reverse();
  return json(200, pageOf(data, query, '/v1/refunds'));
}

function retrieveDispute({ book, now }: ApiDependencies, { id }: Asked): Answer {
  const found = book.findDispute(id);
  return found ? json(200, disputeMessage(found.intent, found.dispute, now())) : missing('dispute', id);
}

/** Submitting at once is the only way that Durapay takes, so evidence is never staged here. */
function updateDispute({ book, teller, now }: ApiDependencies, { id, form, key }: Asked): Answer {
  const found = book.findDispute(id);
  if (found === undefined) return missing('dispute', id);
  const submitted = book.submitEvidence(found, {
    key,
    text: form.get('evidence[uncategorized_text]') ?? '',
    file: form.get('evidence[uncategorized_file]'),
  });
  if (!submitted.ok) {
    return refuse(400, 'invalid_request_error', undefined, 'This dispute takes no more evidence.');
  }
  const { intent, dispute } = submitted.value;
  teller.tellDispute('charge.dispute.updated', intent, dispute);
  return json(200, disputeMessage(intent, dispute, now()));
}

function listMovements({ book }: ApiDependencies, { query }: Asked): Answer {
  const from = Number(query.get('created[gte]') ?? 0);
  const to = Number(query.get('created[lt]') ?? Number.MAX_SAFE_INTEGER);
  const isExpanded = [...query].some(([name, value]) => name.startsWith('expand') && value === 'data.source');
  const movements = book
    .newestFirst()
    .flatMap((intent) =>
      movementsOf(intent).map((movement) => ({
        ...movement,
        source: isExpanded ? sourceOf(intent, movement.source) : movement.source,
      })),
    )
    .filter(({ created }) => created >= from && created < to)
    .sort((left, right) => right.created - left.created || right.id.localeCompare(left.id));
  return json(200, pageOf(movements, query, '/v1/balance_transactions'));
}

function sourceOf(intent: Intent, id: string): object {
  const refunded = intent.refunds.find((one) => one.id === id);
  if (refunded !== undefined) return refundMessage(intent, refunded);
  const dispute = intent.disputes.find((one) => one.id === id);
  if (dispute === undefined) return chargeMessage(intent);
  return { id, object: 'dispute', amount: dispute.amount, payment_intent: intent.id, metadata: {} };
}
