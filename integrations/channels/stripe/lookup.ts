import type { CallOutcome } from '../../call-outcome';
import type { ChannelCall } from '../payment-provider';
import type { StripeAnswer, StripeClient } from './client';
import { failureError } from './errors';
import type { ChannelError } from '../../../domain/payment/outcome';
import { pageSchema, referenceKey } from './messages';

export type Found =
  { kind: 'found'; body: unknown } | { kind: 'not_found' } | { kind: 'unknown'; error: ChannelError };

/** Stripe's search lags behind by up to a minute, so what is younger than this is looked for in the list itself. */
const searchLagSeconds = 180;
const pagesMax = 10;
const perPage = 100;

/** Finds an intent by our reference: in the search, then among the newest, where the search may still miss it. */
export async function findIntent(
  client: StripeClient,
  call: ChannelCall,
  reference: string,
  now: Date,
): Promise<Found> {
  const query = `metadata['${referenceKey}']:'${reference}'`;
  const searched = await client.ask(call, 'search', (stripe, options) =>
    stripe.paymentIntents.search({ query, limit: 1 }, options),
  );
  const hit = onPage(searched, reference);
  if (hit.kind !== 'not_found') return hit;
  const since = Math.floor(now.getTime() / 1_000) - searchLagSeconds;
  return turnPages(reference, (startingAfter) =>
    client.ask(call, 'list', (stripe, options) =>
      stripe.paymentIntents.list(
        {
          limit: perPage,
          created: { gte: since },
          ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
        },
        options,
      ),
    ),
  );
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
