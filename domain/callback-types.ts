/**
 * Everything that merchants are told, and when: what is not in this list is not sent. docs/callbacks.md shows it,
 * held against it by a test.
 */
export const callbackTypes = {
  'payment.succeeded': 'the money is paid',
  'payment.authorized': 'the money is reserved, not yet taken, or taken in part',
  'payment.processing': 'the customer has paid, the channel has still to confirm it',
  'payment.review': 'the payment waits for an operator of the platform',
  'payment.attempt_failed': 'the channel declined; the payment is open and can be tried again',
  'payment.failed': 'it has failed for good',
  'payment.cancelled': 'it was cancelled',
  'payment.rejected': 'it was rejected in review',
  'payment.expired': 'nobody paid in time',
  'refund.succeeded': 'the money of a refund went back to the customer',
  'refund.failed': 'a refund failed; its amount is back on your balance',
  'payment.late_money_accepted': 'money that came too late, twice or in another amount is yours after all',
  'payment.late_money_refunded': 'such money went back to the customer',
} as const;

export type CallbackType = keyof typeof callbackTypes;

export function isCallbackType(type: string): type is CallbackType {
  return Object.hasOwn(callbackTypes, type);
}
