import { patched } from '@temporalio/workflow';
import type { Cause, OpenedPayment } from '../../activities/payment/contracts';
import type { ChannelError } from '../../domain/payment/outcome';
import { attemptEnd } from '../../domain/payment/attempt-end';
import { isFinal } from '../../domain/payment/status';
import { watchMs } from '../../domain/payment/watch';
import { regular } from './activities';
import { callForAttention } from './attention';
import { captureWhenOpen } from './capture';
import { finishCaptures, leaveCapture } from './captures';
import { asClosed, closeCharge, interruptible, isOnlyEcho } from './closing';
import { pause, type Desk } from './desk';
import { hasChanged, record, rejoin, write } from './writing';

/** What the channel still works on is not given up at its time: the customer has paid, and banks may take days. */
export function endOf({ state, request }: OpenedPayment): number {
  return Date.parse(request.expiresAt) + (state.status === 'processing' ? watchMs : 0);
}

/** Asks the provider once more and makes sure that nobody can pay any longer; only then is it over. */
export async function expire(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  // A provider that is away may be asked for a day; who tells that it was paid must not wait for that.
  const closed = await closeCharge(current, desk, 'unconfirmed_expiry');
  if (closed.kind === 'unasked') callForAttention(closed.attention);
  if (closed.kind === 'news') return current;
  if (desk.mail.length > 0 && !(closed.kind === 'released' && isOnlyEcho(current, desk.mail))) return current;
  const cause: Cause = { by: 'expiry', key: 'expiry' };
  const isMoving = closed.kind === 'paid' || closed.kind === 'processing';
  if (isMoving || (closed.kind === 'reserved' && patched('reserved-at-expiry'))) {
    const after = await record(current, closed.status, cause);
    // What is another payment's, and was set aside, keeps nothing open.
    if (hasChanged(current, after)) return after;
    // It was in process before, and is again by now.
    if (closed.kind === 'processing' && Date.now() < endOf(current) && patched('stays-in-process'))
      return current;
  }
  const isOver = closed.kind === 'paid' || (closed.kind === 'released' && closed.isUnbegun !== true);
  return write(isOver ? asClosed(current) : current, {
    to: 'expired',
    attempt: isOver ? attemptEnd(current.attempt.status, 'expired') : undefined,
    lastError: isOver ? expired : expiredOpen,
    cause,
  });
}

/** Nobody decided in time, so the merchant's configuration does. */
export function reviewOver(current: OpenedPayment): Promise<OpenedPayment> {
  const cause: Cause = { by: 'deadline', key: 'review-deadline' };
  if (current.rules?.reviewAtDeadline === 'approve') return regular.approve(current, cause);
  const attempt = attemptEnd(current.attempt.status, 'cancelled');
  return write(current, { to: 'rejected', attempt, lastError: notReviewed, cause });
}

/** The reservation must not be kept longer: what is not captured is captured or given back, as configured. */
export async function reservationOver(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  const settled = desk.isCaptureInDoubt ? await finishCaptures(current, desk) : current;
  const wantsRest = current.rules?.captureAtDeadline === 'capture' && !desk.isDeadlineCaptureRefused;
  const after = settled && wantsRest ? await captureRest(settled, desk) : settled;
  if (after === undefined) {
    await pause(desk);
    return settled ?? current;
  }
  return isFinal(after.state.status) ? after : giveBack(after, desk);
}

const atDeadline: Cause = { by: 'deadline', key: 'capture-deadline' };

/** Undefined: what became of the capture is not known. */
async function captureRest(current: OpenedPayment, desk: Desk): Promise<OpenedPayment | undefined> {
  if (isFinal(current.state.status)) return current;
  const rest = BigInt(current.request.amountMinor) - BigInt(current.state.capturedMinor ?? 0);
  const wanted = { amountMinor: rest.toString(), isFinal: true };
  try {
    const captureNo = await regular.nextCaptureNo(current, { ...wanted, key: atDeadline.key });
    const { payment } = await captureWhenOpen(current, { ...wanted, captureNo, cause: atDeadline });
    desk.isDeadlineCaptureRefused = true;
    return rejoin(current, payment);
  } catch (error) {
    leaveCapture(desk, error);
    return undefined;
  }
}

async function giveBack(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  const closed = await closeCharge(current, desk, 'unreleased_charge', interruptible);
  if (closed.kind === 'news') return current;
  if (closed.kind === 'unasked') {
    // It stays reserved until somebody knows better, and is tried again.
    callForAttention(closed.attention);
    await pause(desk);
    return current;
  }
  if (closed.kind === 'paid') {
    const after = await record(current, closed.status, atDeadline);
    if (hasChanged(current, after)) return after;
  }
  // What the channel keeps reserved is left as it is there, and watched.
  const isKept = ['reserved', 'processing', 'open'].includes(closed.kind);
  return BigInt(current.state.capturedMinor ?? 0) > 0n
    ? write(current, {
        to: 'succeeded',
        attempt: isKept ? undefined : { status: 'succeeded' },
        cause: atDeadline,
      })
    : write(current, {
        to: 'expired',
        attempt: isKept ? undefined : { status: 'expired' },
        lastError: isKept ? notReleased : notCaptured,
        cause: atDeadline,
      });
}

const expired: ChannelError = {
  code: 'expired',
  message: 'Nobody paid before the payment expired. Start again with a new orderId.',
};
const expiredOpen: ChannelError = {
  code: 'expired',
  message:
    'Nobody paid before the payment expired. The channel has not closed the charge: what is paid there now is held in suspense. Start again with a new orderId.',
};
const notReviewed: ChannelError = {
  code: 'review_expired',
  message: 'Nobody approved the payment in time. Nothing was charged; start again with a new orderId.',
};
const notCaptured: ChannelError = {
  code: 'capture_expired',
  message: 'The reservation was not captured in time and was released. Start again with a new orderId.',
};
const notReleased: ChannelError = {
  code: 'capture_expired',
  message:
    'The reservation was not captured in time. The channel can not release it: it lapses there by itself. Start again with a new orderId.',
};
