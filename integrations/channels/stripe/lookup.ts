import { bornAt } from '../../../domain/ids';
import { parseAttemptReference } from '../../../domain/payment/reference';
import type { CallOutcome } from '../../call-outcome';
import type { ChannelCall, ChargeQuery } from '../payment-provider';
import type { StripeAnswer, StripeClient } from './client';
import { failureError } from './errors';
import type { ChannelError } from '../../../domain/payment/outcome';
import { pageSchema, referenceKey } from './messages';

export type Found =
  { kind: 'found'; body: unknown } | { kind: 'not_found' } | { kind: 'unknown'; error: ChannelError };

/** What Stripe's clock and ours may differ by. */
const clockSlackSeconds = 180;
const pagesMax = 10;
const perPage = 100;

/**
 * Finds an intent by our reference: in the search, then in the list of all that were made while it can have been made, as
 * nobody says how far the search lags behind. Bounded at both ends, or on a busy account it would grow past reading.
 */
export async function findIntent(
  client: StripeClient,
  call: ChannelCall,
  charge: ChargeQuery,
): Promise<Found> {
  const { reference } = charge;
  const query = `metadata['${referenceKey}']:'${reference}'`;
  const searched = await client.ask(call, 'search', (stripe, options) =>
    stripe.paymentIntents.search({ query, limit: 1 }, options),
  );
  const hit = onPage(searched, reference);
  if (hit.kind !== 'not_found') return hit;
  const created = madeWithin(charge);
  return turnPages(reference, (startingAfter) =>
    client.ask(call, 'list', (stripe, options) =>
      stripe.paymentIntents.list(
        {
          limit: perPage,
          created,
          ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
        },
        options,
      ),
    ),
  );
}

/** Nobody can have asked for it before its attempt was begun; where that is not known, before its payment was. */
function madeWithin({ reference, sentAt, sentUntil }: ChargeQuery): { gte?: number; lte?: number } {
  const begunAt = sentAt ?? bornAt(parseAttemptReference(reference)?.paymentId ?? '');
  return {
    ...(begunAt && { gte: Math.floor(begunAt.getTime() / 1_000) - clockSlackSeconds }),
    ...(sentUntil && { lte: Math.ceil(sentUntil.getTime() / 1_000) + clockSlackSeconds }),
  };
}

export function findRefund(
  client: StripeClient,
  call: ChannelCall,
  intentId: string,
  reference: string,
): Promise<Found> {
  return turnPages(reference, (startingAfter) =>
    client.ask(call, 'list_refunds', (stripe, options) =>
      stripe.refunds.list(
        {
          payment_intent: intentId,
          limit: perPage,
          ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
        },
        options,
      ),
    ),
  );
}

async function turnPages(
  reference: string,
  page: (startingAfter?: string) => Promise<CallOutcome<StripeAnswer>>,
): Promise<Found> {
  let last: string | undefined;
  for (let turned = 0; turned < pagesMax; turned += 1) {
    const outcome = await page(last);
    const hit = onPage(outcome, reference);
    if (hit.kind !== 'not_found') return hit;
    last = hit.next;
    if (last === undefined) return { kind: 'not_found' };
  }
  const message = 'Stripe has too many objects to look through: ask again later.';
  return { kind: 'unknown', error: { code: 'too_many_to_search', message } };
}

function onPage(
  outcome: CallOutcome<StripeAnswer>,
  reference: string,
): Exclude<Found, { kind: 'not_found' }> | { kind: 'not_found'; next?: string } {
  if (outcome.kind === 'declined') {
    if (outcome.code === 'resource_missing') return { kind: 'not_found' };
    const message = `Stripe refused the search (${outcome.code}).`;
    return { kind: 'unknown', error: { code: 'provider_error', message, rawCode: outcome.code } };
  }
  if (outcome.kind !== 'ok') return { kind: 'unknown', error: failureError(outcome) };
  const page = pageSchema.safeParse(outcome.value.body).data;
  if (page === undefined) {
    const message = 'Stripe sent a list that does not read as one.';
    return { kind: 'unknown', error: { code: 'answer_unreadable', message } };
  }
  const body = page.data.find((item) => metadataOf(item)[referenceKey] === reference);
  if (body !== undefined) return { kind: 'found', body };
  const next = (page.data.at(-1) as { id?: string } | undefined)?.id;
  return { kind: 'not_found', ...(page.has_more && next !== undefined ? { next } : {}) };
}

function metadataOf(item: unknown): Record<string, unknown> {
  return (item as { metadata?: Record<string, unknown> } | null)?.metadata ?? {};
}
