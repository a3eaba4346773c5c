import { parsePublicId, publicId } from '../ids';

/**
 * The one name of an outside effect: it is the workflow's step, the provider's order number and idempotency
 * key, and the ledger's transaction reference, so that an auditor can follow it across all three.
 */
export function attemptReference(paymentId: string, attemptNo: number): string {
  return `${publicId('payment', paymentId)}-${attemptNo}`;
}

/** The effect that moved the money: the attempt itself, or one capture of what it reserved. */
export function chargeReference(paymentId: string, attemptNo: number, captureNo?: number): string {
  const attempt = attemptReference(paymentId, attemptNo);
  return captureNo === undefined ? attempt : `${attempt}.c${captureNo}`;
}

export interface AttemptName {
  paymentId: string;
  attemptNo: number;
}

export function parseAttemptReference(reference: string): AttemptName | undefined {
  const cut = reference.lastIndexOf('-');
  const paymentId = parsePublicId('payment', reference.slice(0, cut));
  const digits = reference.slice(cut + 1);
  if (paymentId === undefined || !/^[1-9][0-9]{0,2}$/.test(digits)) return undefined;
  return { paymentId, attemptNo: Number(digits) };
}

export type Mode = 'live' | 'test';

export function paymentWorkflowId(mode: Mode, merchantId: string, orderId: string): string {
  return `payment/${mode}/${publicId('merchant', merchantId)}/${orderId}`;
}
