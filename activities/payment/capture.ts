import { attemptReference, chargeReference } from '../../domain/payment/reference';
import type { CaptureOutcome, ChannelError } from '../../domain/payment/outcome';
import { beginCapture } from '../../db/stores/captures-store';
import { failure } from '../failures';
import type { Cause, OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';
import { createRecord } from './record';

export interface CaptureOrder {
  captureNo: number;
  amountMinor: string;
  /** What is left of the reservation goes back to the customer. */
  isFinal: boolean;
  cause: Cause;
}

export interface Captured {
  payment: OpenedPayment;
  refused?: ChannelError;
}

/**
 * One capture, to its end: the channel captures once for one reference, so a call whose answer was lost is simply
 * made again. Captures of a payment come one after the other.
 */
export function createCapture(deps: PaymentDeps) {
  const record = createRecord(deps);

  return async function capture(payment: OpenedPayment, order: CaptureOrder): Promise<Captured> {
    const { request, attempt } = payment;
    const reference = chargeReference(request.paymentId, attempt.attemptNo, order.captureNo);
    await beginCapture(deps.database, { ...order, paymentId: request.paymentId, reference });

    const outcome = await call(payment, order, reference);
    switch (outcome.kind) {
      case 'succeeded':
        return { payment: await succeed(payment, order, outcome) };
      case 'declined':
        return {
          payment: await record.write(payment, {
            to: payment.state.status,
            capture: { captureNo: order.captureNo, status: 'declined', error: outcome.error },
            lastError: outcome.error,
            cause: order.cause,
          }),
          refused: outcome.error,
        };
      case 'unavailable':
      case 'unknown':
        throw failure(
          'AnswerUnknown',
          `${attempt.channel} did not confirm the capture: ${outcome.error.message}`,
        );
    }
  };

  async function call(
    payment: OpenedPayment,
    order: CaptureOrder,
    reference: string,
  ): Promise<CaptureOutcome> {
    const { request, attempt } = payment;
    const channel = await deps.channelOf(attempt.channelConfigId);
    if (channel?.provider.captureCharge === undefined) {
      return {
        kind: 'declined',
        error: { code: 'capture_not_supported', message: 'This channel does not capture.' },
      };
    }
    return channel.provider.captureCharge(
      { config: channel.config, timeoutMs: deps.timings.channelTimeoutMs, correlationId: reference },
      {
        chargeReference: attemptReference(request.paymentId, attempt.attemptNo),
        providerRef: attempt.providerRef,
        reference,
        amount: BigInt(order.amountMinor),
        currency: request.currency,
        isFinal: order.isFinal,
      },
    );
  }

  function succeed(
    payment: OpenedPayment,
    order: CaptureOrder,
    { captured }: CaptureOutcome & { kind: 'succeeded' },
  ): Promise<OpenedPayment> {
    const soFar = BigInt(payment.state.capturedMinor ?? 0) + BigInt(captured.amountMinor);
    const isAll = order.isFinal || soFar >= BigInt(payment.request.amountMinor);
    return record.write(payment, {
      to: isAll ? 'succeeded' : 'authorized',
      attempt: isAll ? { status: 'succeeded' } : undefined,
      capture: { captureNo: order.captureNo, status: 'succeeded', providerRef: captured.providerRef },
      charge: { ...captured, disposition: 'payment' },
      cause: order.cause,
    });
  }
}
