import type { PaymentRequest } from '../../../domain/payment/request';
import { isFinal, isPaid, type PaymentStatus } from '../../../domain/payment/status';
import { fail } from '../../errors';
import { canonicalJson } from '../../json';

/** By the names that merchants know; what is kept sealed or not at all can't be compared, and is not named. */
const compared = {
  amount: 'amountMinor',
  currency: 'currency',
  description: 'description',
  provider: 'provider',
  method: 'method',
  capture: 'capture',
  returnUrl: 'returnUrl',
  metadata: 'metadata',
} as const satisfies Record<string, keyof PaymentRequest>;

export type ComparedRequest = Pick<PaymentRequest, (typeof compared)[keyof typeof compared]>;

/** The orderId belongs to another request. What differs is named; its values are the merchant's own to look up. */
export function conflict(asked: ComparedRequest, standing: ComparedRequest, status: PaymentStatus) {
  const names = (Object.keys(compared) as (keyof typeof compared)[]).filter(
    (name) => canonicalJson(asked[compared[name]]) !== canonicalJson(standing[compared[name]]),
  );
  const differs = `differs from this request${names.length === 0 ? '' : ` in ${names.join(', ')}`}`;
  if (isFinal(status) && !isPaid(status)) {
    const message = `The payment with this orderId has ended (${status}), can not be tried again, and ${differs}.`;
    return fail('order_closed', { param: 'orderId', message });
  }
  const stands = isPaid(status) ? `is paid (${status})` : 'exists';
  return fail('order_conflict', {
    param: 'orderId',
    message: `A payment with this orderId ${stands} and ${differs}.`,
  });
}
