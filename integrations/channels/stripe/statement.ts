import type { StatementPage, StatementRow, StatementType } from '../../../domain/statement/row';
import type { CallOutcome } from '../../call-outcome';
import type { ChannelCall, StatementQuery } from '../payment-provider';
import { decimalOf } from './amounts';
import type { StripeAnswer, StripeClient } from './client';
import { failureError, refusal } from './errors';
import { movementSchema, pageSchema, referenceKey, type StripeMovement } from './messages';

const perPageMax = 100;

/** Stripe's balance transactions of a time, page by page. */
export async function listMovements(
  client: StripeClient,
  call: ChannelCall,
  { from, to, after, limit }: StatementQuery,
): Promise<StatementPage> {
  const listed = await client.ask(call, 'list_movements', (stripe, options) =>
    stripe.balanceTransactions.list(
      {
        created: { gte: seconds(from), lt: seconds(to) },
        limit: Math.min(limit, perPageMax),
        // What it moved carries our reference, and the intent that it belongs to.
        expand: ['data.source'],
        ...(after === undefined ? {} : { starting_after: after }),
      },
      options,
    ),
  );
  return pageOf(listed);
}

function pageOf(outcome: CallOutcome<StripeAnswer>): StatementPage {
  switch (outcome.kind) {
    case 'ok':
      return readPage(outcome.value.body);
    case 'declined':
      return { kind: 'unavailable', error: refusal(outcome.code, 'request_rejected') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unavailable', error: failureError(outcome) };
  }
}

/** A row that does not read spoils the page: a statement with a hole reconciles nothing. */
function readPage(body: unknown): StatementPage {
  const page = pageSchema.safeParse(body).data;
  const rows = page?.data.map((item) => rowOf(movementSchema.safeParse(item).data));
  if (page === undefined || rows === undefined || rows.some((row) => row === undefined)) {
    const message = 'Stripe sent a balance transaction that does not read as one.';
    return { kind: 'unavailable', error: { code: 'answer_unreadable', message } };
  }
  const read = rows.flatMap((row) => (row === undefined ? [] : [row]));
  const last = read.at(-1);
  return { kind: 'rows', rows: read, ...(page.has_more && last !== undefined ? { next: last.id } : {}) };
}

/** Stripe's reporting categories, which say more than its types. */
const types: Readonly<Record<string, StatementType>> = {
  charge: 'payment',
  refund: 'refund',
  refund_failure: 'refund_failed',
  charge_failure: 'refund',
  partial_capture_reversal: 'refund',
  dispute: 'dispute',
  dispute_reversal: 'dispute_won',
  fee: 'fee',
  network_cost: 'fee',
  tax: 'fee',
  payout: 'payout',
  payout_reversal: 'payout',
};

function rowOf(movement: StripeMovement | undefined): StatementRow | undefined {
  if (movement === undefined) return undefined;
  const { reporting_category: rawType, source } = movement;
  if (movement.amount - movement.fee !== movement.net) return undefined;
  const moved = typeof source === 'object' ? source : null;
  const providerRef = typeof source === 'string' ? source : moved?.id;
  const reference = moved?.metadata?.[referenceKey];
  return {
    id: movement.id,
    type: (Object.hasOwn(types, rawType) ? types[rawType] : undefined) ?? 'other',
    rawType,
    ...(reference === undefined ? {} : { reference }),
    ...(providerRef === undefined ? {} : { providerRef }),
    ...(moved?.payment_intent == null ? {} : { chargeRef: moved.payment_intent }),
    currency: movement.currency.toUpperCase(),
    gross: decimalOf(movement.amount, movement.currency),
    fee: decimalOf(movement.fee, movement.currency),
    net: decimalOf(movement.net, movement.currency),
    at: instant(movement.created),
    availableOn: instant(movement.available_on),
  };
}

function seconds(at: Date): number {
  return Math.ceil(at.getTime() / 1_000);
}

function instant(at: number): string {
  return new Date(at * 1_000).toISOString();
}
