import { publicId } from '../ids';
import { presentPayment } from './present';
import type { PaymentRequest } from './request';
import type { PaymentState } from './state';

export interface PaymentNews {
  eventId: string;
  type: string;
  request: PaymentRequest;
  state: PaymentState;
  /** What else the event is about, as merchants see it: a refund, a dispute. */
  also?: Record<string, unknown>;
}

/** The body of every callback about a payment: the full state, so that a lost one does no harm. */
export function callbackBody({ eventId, type, request, state, also }: PaymentNews): string {
  return JSON.stringify({
    id: publicId('event', eventId),
    object: 'event',
    type,
    mode: request.mode,
    sequence: state.version,
    createdAt: state.updatedAt,
    data: { payment: presentPayment(request, state), ...also },
  });
}
