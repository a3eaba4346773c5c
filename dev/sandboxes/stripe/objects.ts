import { createHash } from 'node:crypto';

/** One payment intent with its refunds, as the sandbox keeps it; amounts in Stripe's units. */
export interface Intent {
  id: string;
  clientSecret: string;
  status: 'requires_payment_method' | 'requires_capture' | 'succeeded' | 'canceled';
  amount: number;
  amountReceived: number;
  currency: string;
  captureMethod: 'automatic' | 'manual';
  description: string;
  metadata: Record<string, string>;
  declineCode: string | null;
  createdAt: number;
  /** How often money was taken: it must never pass one. */
  charges: number;
  captures: Movement[];
  refunds: Refund[];
}

/** `key` is the idempotency key; money moved `effects` times for it. */
interface Movement {
  key: string;
  amount: number;
  effects: number;
}

export interface Refund extends Movement {
  id: string;
  status: 'pending' | 'succeeded' | 'failed';
  metadata: Record<string, string>;
  createdAt: number;
}

export function derivedId(prefix: string, ...names: string[]): string {
  return prefix + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 24);
}

export function refunded(intent: Intent): number {
  return intent.refunds.reduce((sum, { status, amount }) => (status === 'failed' ? sum : sum + amount), 0);
}

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
    created: Math.floor(intent.createdAt / 1_000),
    currency: intent.currency,
    description: intent.description,
    last_payment_error:
      intent.declineCode === null
        ? null
        : { type: 'card_error', code: 'card_declined', decline_code: intent.declineCode },
    latest_charge: intent.charges > 0 || isReserved ? derivedId('ch_', intent.id) : null,
    livemode: false,
    metadata: intent.metadata,
    payment_method_types: ['card'],
    status: intent.status,
  };
}

export function refundMessage(intent: Intent, refund: Refund) {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    charge: derivedId('ch_', intent.id),
    created: Math.floor(refund.createdAt / 1_000),
    currency: intent.currency,
    metadata: refund.metadata,
    payment_intent: intent.id,
    status: refund.status,
    ...(refund.status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
  };
}
