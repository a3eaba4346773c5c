import type { CallbackType } from '../../domain/callback-types';
import { callbackBody } from '../../domain/payment/callback-body';
import type { Transaction } from '../../db/pool';
import { addCallback } from '../../db/stores/paid-payments-store';
import { loadPaymentById } from '../../db/stores/payments-store';

export interface Telling {
  eventId: string;
  paymentId: string;
  type: CallbackType;
  /** What else the event is about, as merchants see it. */
  also?: Record<string, unknown>;
}

/**
 * Writes the callback of a change into its own transaction, with the payment as that change leaves it. True if
 * the merchant has an address: then the relay is to be nudged after the commit.
 */
export async function tellMerchant(transaction: Transaction, telling: Telling): Promise<boolean> {
  const { eventId, paymentId, type, also } = telling;
  const stored = await loadPaymentById(transaction, paymentId);
  const endpointId = stored?.plan.callbackEndpointId;
  if (stored === undefined || endpointId === undefined) return false;
  const { request, state } = stored;
  await addCallback(transaction, {
    eventId,
    merchantId: request.merchantId,
    paymentId,
    endpointId,
    sequence: state.version,
    type,
    body: callbackBody({ eventId, type, request, state, also }),
  });
  return true;
}
