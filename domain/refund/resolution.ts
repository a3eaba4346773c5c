/** What an operator can say of a refund in doubt. */
export const refundOutcomes = ['made', 'not_made'] as const;

export type RefundResolved = (typeof refundOutcomes)[number];

/** An operator's word on what became of a refund, instead of the channel's. */
export interface OperatorsWord {
  kind: RefundResolved;
}
