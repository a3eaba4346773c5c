/** Every state a refund can be in: docs/architecture.md. */
export const refundStatuses = ['pending', 'processing', 'unknown', 'succeeded', 'failed'] as const;

/**
 * pending: asked for; the channel has not taken it. processing: the channel has it. unknown: nobody can tell yet
 * whether the channel did it.
 */
export type RefundStatus = (typeof refundStatuses)[number];

const transitions: Readonly<Record<RefundStatus, readonly RefundStatus[]>> = {
  pending: ['processing', 'unknown', 'succeeded', 'failed'],
  // Back to pending: it is certain that nothing arrived there, so it is sent again.
  processing: ['pending', 'unknown', 'succeeded', 'failed'],
  unknown: ['pending', 'processing', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
};

export function refundMayBecome(from: RefundStatus, to: RefundStatus): boolean {
  return transitions[from].includes(to);
}

export function isRefundOver(status: RefundStatus): boolean {
  return transitions[status].length === 0;
}
