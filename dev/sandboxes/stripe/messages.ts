import { disputeMovements } from './balance';
import { derivedId, seconds, type Dispute, type Intent, type Refund } from './objects';

/** The book's objects in Stripe's own words. */

export function intentMessage(intent: Intent) {
  const isReserved = intent.status === 'requires_capture';
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amount,
    amount_capturable: isReserved ? intent.amount : 0,
    amount_received: intent.amountReceived,
    capture_method: intent.captureMethod,
    client_secret: intent.clientSecret,
    created: seconds(intent.createdAt),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    last_payment_error: intent.declineCode === null ? null : cardError(intent.declineCode),
    latest_charge: intent.charges > 0 || isReserved ? chargeId(intent) : null,
    livemode: false,
    metadata: intent.metadata,
    payment_method: intent.paymentMethod,
    payment_method_types: ['card'],
    setup_future_usage: intent.keepsMethod ? 'off_session' : null,
    status: intent.status,
  };
}

/** Authentication that nobody is there for has a code of its own; every other decline is the card's. */
export function cardError(declineCode: string) {
  const code = declineCode === 'authentication_required' ? declineCode : 'card_declined';
  return { type: 'card_error', code, decline_code: declineCode };
}

export function refundMessage(intent: Intent, refund: Refund) {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    charge: chargeId(intent),
    created: seconds(refund.createdAt),
    currency: intent.currency,
    metadata: refund.metadata,
    payment_intent: intent.id,
    status: refund.status,
    ...(refund.status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
  };
}

export function disputeMessage(intent: Intent, dispute: Dispute, now: number) {
  const [evidence] = dispute.evidence;
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: disputeMovements(intent, dispute),
    charge: chargeId(intent),
    created: seconds(dispute.openedAt),
    currency: intent.currency,
    evidence: {
      uncategorized_text: evidence?.text ?? null,
      uncategorized_file: evidence?.file ?? null,
    },
    evidence_details: {
      due_by: seconds(dispute.dueAt),
      has_evidence: evidence !== undefined,
      past_due: now > dispute.dueAt,
      submission_count: dispute.evidence.length,
    },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: intent.id,
    reason: dispute.reason,
    status: dispute.status,
  };
}

export function chargeMessage(intent: Intent) {
  return {
    id: chargeId(intent),
    object: 'charge',
    amount: intent.amount,
    amount_captured: intent.amountReceived,
    currency: intent.currency,
    metadata: intent.metadata,
    payment_intent: intent.id,
  };
}

function chargeId(intent: Intent): string {
  return derivedId('ch_', intent.id);
}

/** A page of a list, newest first, as every list of Stripe's is turned. */
export function pageOf<Item extends { id: string }>(
  items: Item[],
  query: URLSearchParams,
  url: string,
): { object: 'list'; data: Item[]; has_more: boolean; url: string } {
  const after = items.findIndex(({ id }) => id === query.get('starting_after'));
  const limit = Math.min(Number(query.get('limit') ?? 10) || 10, 100);
  const data = items.slice(after + 1, after + 1 + limit);
  return { object: 'list', data, has_more: items.length > after + 1 + data.length, url };
}
