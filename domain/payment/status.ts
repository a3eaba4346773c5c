/** Every state a payment can be in. The database holds changes against the same table (migration 0030). */
export const paymentStatuses = [
  'created',
  'review',
  'pending',
  'requires_action',
  'processing',
  'authorized',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'rejected',
  'partially_refunded',
  'refunded',
  'disputed',
] as const;

export type PaymentStatus = (typeof paymentStatuses)[number];

/** The one transition table. `unknown`: a provider's answer is in doubt, so anything may turn out to be true. */
export const transitions: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  created: ['review', 'pending', 'failed', 'cancelled', 'expired', 'rejected'],
  review: ['pending', 'failed', 'cancelled', 'expired', 'rejected'],
  pending: [
    'requires_action',
    'processing',
    'authorized',
    'unknown',
    'succeeded',
    'failed',
    'cancelled',
    'expired',
  ],
  requires_action: [
    'pending',
    'processing',
    'authorized',
    'unknown',
    'succeeded',
    'failed',
    'cancelled',
    'expired',
  ],
  processing: ['requires_action', 'authorized', 'unknown', 'succeeded', 'failed', 'cancelled', 'expired'],
  // What was captured of it may have been given back, or be disputed, before it ends.
  authorized: [
    'unknown',
    'succeeded',
    'failed',
    'cancelled',
    'expired',
    'partially_refunded',
    'refunded',
    'disputed',
  ],
  unknown: [
    'pending',
    'requires_action',
    'processing',
    'authorized',
    'succeeded',
    'failed',
    'cancelled',
    'expired',
  ],
  succeeded: ['partially_refunded', 'refunded', 'disputed'],
  partially_refunded: ['refunded', 'disputed'],
  refunded: ['disputed'],
  disputed: ['succeeded', 'partially_refunded', 'refunded'],
  failed: [],
  cancelled: [],
  expired: [],
  rejected: [],
};

const closedWithoutMoney: ReadonlySet<PaymentStatus> = new Set([
  'failed',
  'cancelled',
  'expired',
  'rejected',
]);
const paid: ReadonlySet<PaymentStatus> = new Set(['succeeded', 'partially_refunded', 'refunded', 'disputed']);

/** A change may leave the state as it is: another attempt, one more partial capture, a refund begun. */
export function mayBecome(from: PaymentStatus, to: PaymentStatus): boolean {
  return from === to || transitions[from].includes(to);
}

/** The money has moved to us, whatever happened to it since. */
export function isPaid(status: PaymentStatus): boolean {
  return paid.has(status);
}

/** Its payment workflow is finished: nothing but a refund, a dispute or late money can still happen. */
export function isFinal(status: PaymentStatus): boolean {
  return paid.has(status) || closedWithoutMoney.has(status);
}
