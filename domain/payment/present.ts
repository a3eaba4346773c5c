import { formatAmount } from '../money/amount';
import { publicId } from '../ids';
import type { ChannelError, NextAction } from './outcome';
import type { PaymentRequest } from './request';
import type { PaymentState } from './state';

/** A payment as merchants see it: the API's answers and the callbacks' bodies are this one shape. */
export interface PublicPayment {
  id: string;
  object: 'payment';
  mode: string;
  merchantId: string;
  orderId: string;
  status: string;
  amount: string;
  currency: string;
  capturedAmount: string;
  refundedAmount: string;
  method: string | null;
  capture: 'automatic' | 'manual';
  description: string;
  returnUrl: string | null;
  metadata: Record<string, string>;
  nextAction: NextAction | null;
  lastError: ChannelError | null;
  attempts: number;
  createdAt: string;
  updatedAt: string;
  expiresAt: string;
}

export function presentPayment(request: PaymentRequest, state: PaymentState): PublicPayment {
  return {
    id: publicId('payment', request.paymentId),
    object: 'payment',
    mode: request.mode,
    merchantId: publicId('merchant', request.merchantId),
    orderId: request.orderId,
    // Between "written down" and "the channel answered" there is nothing a merchant could do about the difference.
    status: state.status === 'pending' ? 'processing' : state.status,
    amount: formatAmount(BigInt(request.amountMinor), request.currency),
    currency: request.currency,
    capturedAmount: formatAmount(BigInt(state.capturedMinor ?? 0), request.currency),
    refundedAmount: formatAmount(BigInt(state.refundedMinor ?? 0), request.currency),
    method: request.method ?? null,
    capture: request.capture ?? 'automatic',
    description: request.description,
    returnUrl: request.returnUrl ?? null,
    metadata: request.metadata,
    nextAction: state.status === 'requires_action' ? (state.nextAction ?? null) : null,
    lastError: state.lastError ?? null,
    attempts: state.attemptNo,
    createdAt: request.createdAt,
    updatedAt: state.updatedAt,
    expiresAt: request.expiresAt,
  };
}
