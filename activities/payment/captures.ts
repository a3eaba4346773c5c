import { attemptReference, chargeReference } from '../../domain/payment/reference';
import type { CaptureOutcome, ChannelError } from '../../domain/payment/outcome';
import { isFinal } from '../../domain/payment/status';
import {
  beginCapture,
  captureCausedBy,
  unfinishedCaptures,
  type StoredCapture,
} from '../../db/stores/captures-store';
import { changesSince } from '../../db/stores/changes-since-store';
import { loadPaymentById } from '../../db/stores/payments-store';
import { failure } from '../failures';
import { leaveAlone, pauseOf, toldPause, type Paused } from '../pause';
import type { Cause, OpenedPayment } from './contracts';
import type { Channel, PaymentDeps } from './deps';
import { isOwnDoing } from './own-doing';
import { asStored, changedByAnother, createRecord } from './record';

export interface CaptureOrder {
  captureNo: number;
  amountMinor: string;
  /** What is left of the reservation goes back to the customer. */
  isFinal: boolean;
  cause: Cause;
}

export interface Captured extends Partial<Paused> {
  payment: OpenedPayment;
  refused?: ChannelError;
}

/**
 * One capture, to its end: the channel captures once for one reference, so a call whose answer was lost is simply
 * made again. Captures of a payment come one after the other. While the provider wants to be left alone nothing is sent,
 * and the workflow is told until when.
 */
export function createCaptures(deps: PaymentDeps) {
  const record = createRecord(deps);

  async function capture(payment: OpenedPayment, order: CaptureOrder): Promise<Captured> {
    const { request, attempt } = payment;
    const channel = await channelOf(payment);
    const reference = chargeReference(request.paymentId, attempt.attemptNo, order.captureNo);
    const now = await caughtUp(payment);
    // It ended by news that a lost task wrote down: nothing is taken of what nobody reserves any more.
    if (isFinal(now.state.status) && !(await wasBegun(request.paymentId, order))) {
      return { payment: { ...now, isOvertaken: true } };
    }
    const standing = await beginCapture(deps.database, {
      ...order,
      paymentId: request.paymentId,
      reference,
    });
    // The same request again: what became of it stands there already.
    if (standing.status === 'succeeded') return { payment: now };
    if (standing.status === 'declined') return { payment: now, refused: standing.error };
    const pause = pauseOf(channel, new Date());
    if (pause !== undefined) return { payment, ...toldPause(pause) };
    return take(now, standing, order.cause, channel);
  }

  async function wasBegun(paymentId: string, { captureNo, cause }: CaptureOrder): Promise<boolean> {
    return (await captureCausedBy(deps.database, paymentId, cause.key))?.captureNo === captureNo;
  }

  /** What a lost workflow left without an end is brought to it, each under its own number, before anything new. */
  async function finishCaptures(payment: OpenedPayment): Promise<OpenedPayment> {
    let current = await caughtUp(payment);
    for (const unfinished of await unfinishedCaptures(deps.database, payment.request.paymentId)) {
      if (isFinal(current.state.status)) break;
      const key = `capture-no:${unfinished.captureNo}`;
      const cause: Cause = { by: 'merchant', key, ...unfinished.cause };
      const channel = await channelOf(current);
      leaveAlone(channel);
      current = (await take(current, unfinished, cause, channel)).payment;
    }
    return current;
  }

  async function take(
    payment: OpenedPayment,
    wanted: StoredCapture,
    cause: Cause,
    channel: Channel,
  ): Promise<Captured> {
    const outcome = await call(payment, wanted, channel);
    switch (outcome.kind) {
      case 'succeeded': {
        const after = await succeed(payment, wanted, outcome, cause);
        if (capturedOf(after) > capturedOf(payment)) return { payment: after };
        const refused = await decline(payment, wanted, numberTaken, cause);
        return { ...refused, payment: { ...refused.payment, isChargeTaken: after.isChargeTaken } };
      }
      case 'declined':
        return decline(payment, wanted, outcome.error, cause);
      case 'unavailable':
      case 'unknown':
        throw failure(
          'AnswerUnknown',
          `${payment.attempt.channel} did not confirm the capture: ${outcome.error.message}`,
        );
    }
  }

  async function call(
    payment: OpenedPayment,
    { reference, amountMinor, isFinal: isLast }: StoredCapture,
    channel: Channel,
  ): Promise<CaptureOutcome> {
    const { request, attempt } = payment;
    if (channel.provider.captureCharge === undefined) {
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
        amount: BigInt(amountMinor),
        currency: request.currency,
        isFinal: isLast,
      },
    );
  }

  function succeed(
    payment: OpenedPayment,
    { captureNo, isFinal: isLast }: StoredCapture,
    { captured }: CaptureOutcome & { kind: 'succeeded' },
    cause: Cause,
  ): Promise<OpenedPayment> {
    const soFar = BigInt(payment.state.capturedMinor ?? 0) + BigInt(captured.amountMinor);
    const isAll = isLast || soFar >= BigInt(payment.request.amountMinor);
    return record.write(payment, {
      to: isAll ? 'succeeded' : 'authorized',
      attempt: isAll ? { status: 'succeeded' } : undefined,
      capture: { captureNo, status: 'succeeded', providerRef: captured.providerRef },
      charge: { ...captured, disposition: 'payment' },
      cause,
    });
  }

  async function decline(
    payment: OpenedPayment,
    { captureNo }: StoredCapture,
    error: ChannelError,
    cause: Cause,
  ): Promise<Captured> {
    const after = await record.write(payment, {
      to: payment.state.status,
      capture: { captureNo, status: 'declined', error },
      lastError: error,
      cause,
    });
    return { payment: after, refused: error };
  }

  /** Without it nothing is written: whether an earlier call captured can't be asked, and so is not decided. */
  async function channelOf({ attempt }: OpenedPayment): Promise<Channel> {
    const channel = await deps.channelOf(attempt.channelConfigId);
    if (channel !== undefined) return channel;
    throw failure(
      'ChannelRemoved',
      `The configuration of ${attempt.channel} is gone: nothing can be captured.`,
    );
  }

  /** The payment as its row has it: what an earlier try of this very step wrote is no stranger's hand. */
  async function caughtUp(payment: OpenedPayment): Promise<OpenedPayment> {
    const { paymentId } = payment.request;
    const stored = await loadPaymentById(deps.database, paymentId);
    if (stored === undefined) throw failure('NotFound', `There is no payment ${paymentId}.`);
    if (stored.state.version === payment.state.version) return payment;
    const since = await changesSince(deps.database, paymentId, payment.state.version);
    if (!isOwnDoing(payment.state, stored.state, since)) throw changedByAnother(payment);
    return asStored(payment, stored);
  }

  return { capture, finishCaptures };
}

function capturedOf({ state }: OpenedPayment): bigint {
  return BigInt(state.capturedMinor ?? 0);
}

const numberTaken: ChannelError = {
  code: 'charge_conflict',
  message:
    'The channel confirmed a capture under a number that is on the books already; an operator is told.',
};
