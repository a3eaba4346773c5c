/**
 * Everything that merchants are told, and when: what is not in this list is not sent. docs/callbacks.md shows it,
 * held against it by a test.
 */
export const callbackTypes = {
  'payment.succeeded': 'the money is paid',
  'payment.authorized': 'the money is reserved, not yet taken, or taken in part',
  'payment.capture_failed':
    'the channel refused a capture: lastError says why; what is reserved stays so until its deadline',
  'payment.processing': 'the customer has paid, the channel has still to confirm it',
  'payment.review': 'the payment waits for an operator of the platform',
  'payment.action_changed':
    'what the customer has to do is another thing now: see nextAction, which holds the number to pay by, at a bank or a till, or, after `processing`, how to pay again',
  'payment.no_channel': 'no channel can take it just now; it is kept, and our operators see to it',
  'payment.action_required':
    'what the customer has to do is known now, and was not when you were answered: see nextAction',
  'payment.attempt_failed': 'the attempt has failed; the payment is open and can be tried again',
  'payment.failed': 'it has failed for good',
  'payment.cancelled': 'it was cancelled',
  'payment.rejected': 'it was rejected in review',
  'payment.expired': 'nobody paid in time',
  'refund.succeeded': 'the money of a refund went back to the customer',
  'refund.failed': 'a refund failed; its amount is back on your balance',
  'payment.late_money_accepted': 'money that came too late, twice or in another amount is yours after all',
  'payment.late_money_refunded': 'such money went back to the customer',
  'dispute.opened':
    'the customer disputes a charge at the bank; the amount is withheld if it is yours: `funds` says so',
  'dispute.withheld':
    'late money that is disputed has become yours: what is disputed of it is withheld from now on',
  'dispute.evidence_due': 'the time for evidence will soon be over, and none was sent',
  'dispute.under_review': 'evidence was sent or the time for it is over; the bank decides',
  'dispute.won': 'the bank decided for you; what was withheld is back on your balance',
  'dispute.lost': 'the bank decided for the customer; the amount is gone if it was yours: `funds` says so',
} as const;

export type CallbackType = keyof typeof callbackTypes;

export function isCallbackType(type: string): type is CallbackType {
  return Object.hasOwn(callbackTypes, type);
}
