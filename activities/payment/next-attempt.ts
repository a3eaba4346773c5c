import type { ChannelError } from '../../domain/payment/outcome';
import { loadPaymentById } from '../../db/stores/payments-store';
import { failure } from '../failures';
import { createAttempts } from './attempts';
import type { OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';

/** When it has become certain that the current attempt had no effect: on to the next channel, or the end. */
export function createNextAttempt(deps: PaymentDeps) {
  const attempts = createAttempts(deps);

  return async function tryNextChannel(payment: OpenedPayment, error: ChannelError): Promise<OpenedPayment> {
    const { paymentId } = payment.request;
    const moved = await attempts.nextChannel(payment, error, `next:${payment.attempt.attemptNo}`);
    if (moved.attempt.status !== 'sending') return moved;
    const stored = await loadPaymentById(deps.database, paymentId);
    if (stored === undefined) throw failure('NotFound', `Payment ${paymentId} is not in the database.`);
    return attempts.carryOn(stored, {
      isFresh: moved.isRepeated !== true,
      openBy: new Date(Date.now() + deps.timings.channelTimeoutMs).toISOString(),
      wakeAt: payment.wakeAt,
      pace: 'durable',
    });
  };
}
