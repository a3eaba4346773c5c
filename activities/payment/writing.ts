import { isCallbackType } from '../../domain/callback-types';
import { callbackBody } from '../../domain/payment/callback-body';
import type { ChannelFees } from '../../domain/fees/contracts';
import { waitsForChannel } from '../../domain/payment/no-channel';
import type { ChannelError, MovedMoney, NextAction } from '../../domain/payment/outcome';
import type { AttemptStatus, Disposition } from '../../domain/payment/react';
import type { PaymentMethod } from '../../domain/payment/request';
import type { PaymentState } from '../../domain/payment/state';
import { isFinal, type PaymentStatus } from '../../domain/payment/status';
import { statusAfterRefund } from '../../domain/refund/refusal';
import type { PaymentChange } from '../../db/stores/payments-store';
import type { Cause, OpenedPayment } from './contracts';

/** One change of a payment, in the words of the activities; everything in it is written together or not at all. */
export interface Writing {
  to: PaymentStatus;
  cause: Cause;
  attempt?: { status: AttemptStatus; nextAction?: NextAction; providerRef?: string; error?: ChannelError };
  /** Whose attempt and charge it is, if not the current one's. */
  attemptNo?: number;
  channelConfigId?: string;
  nextAttempt?: {
    channelConfigId: string;
    channel: string;
    channelsLeft: string[];
    method?: PaymentMethod;
    fees?: ChannelFees;
  };
  capture?: PaymentChange['capture'];
  charge?: MovedMoney & { disposition: Disposition };
  lastError?: ChannelError;
  inboxIds?: string[];
  wakeAt?: string;
  /** The customer's time to pay begins anew. */
  expiresAt?: string;
  /** The merchant does not know yet what the customer has to do. */
  isNews?: boolean;
  /** The payment is about to expire, which is what the merchant is told. */
  isUntold?: boolean;
}

/** The payment as this change leaves it. */
export function after(payment: OpenedPayment, writing: Writing): OpenedPayment {
  const now = new Date().toISOString();
  const { nextAttempt } = writing;
  const wakeAt = wakeAfter(payment, writing);
  const request =
    writing.expiresAt === undefined ? payment.request : { ...payment.request, expiresAt: writing.expiresAt };
  const isCurrent = (writing.attemptNo ?? payment.attempt.attemptNo) === payment.attempt.attemptNo;
  const capturedMinor = capturedAfter(payment, writing);
  const { refundedMinor, isPartDisputed } = payment.state;
  const state: PaymentState = {
    status: endsAs(writing.to, { refundedMinor, capturedMinor, isPartDisputed }),
    version: payment.state.version + 1,
    attemptNo: payment.attempt.attemptNo + (nextAttempt === undefined ? 0 : 1),
    nextAction: writing.attempt?.nextAction,
    lastError: writing.lastError,
    capturedMinor,
    refundedMinor,
    isPartDisputed: isFinal(writing.to) ? undefined : isPartDisputed,
    updatedAt: now,
  };
  if (nextAttempt !== undefined) {
    const { channelConfigId, channel, channelsLeft, method } = nextAttempt;
    const attempt = {
      attemptNo: state.attemptNo,
      channelConfigId,
      channel,
      status: 'sending',
      sentAt: now,
      method,
    } as const;
    return { ...payment, ...asRead, request, state, attempt, channelsLeft, wakeAt };
  }
  const attempt = {
    ...payment.attempt,
    ...(isCurrent && writing.attempt !== undefined
      ? {
          status: writing.attempt.status,
          // A planned attempt begins now, however long an operator took.
          sentAt: writing.attempt.status === 'sending' ? now : payment.attempt.sentAt,
          providerRef: writing.attempt.providerRef ?? payment.attempt.providerRef,
          isStillPayable: undefined,
        }
      : {}),
  };
  return { ...payment, ...asRead, request, state, attempt, wakeAt };
}

/** What was captured may be disputed or given back already when the last of it is captured, or the rest let go. */
function endsAs(
  to: PaymentStatus,
  {
    refundedMinor = '0',
    capturedMinor = '0',
    isPartDisputed,
  }: Pick<PaymentState, 'refundedMinor' | 'capturedMinor' | 'isPartDisputed'>,
): PaymentStatus {
  if (to !== 'succeeded') return to;
  if (isPartDisputed === true) return 'disputed';
  const refunded = BigInt(refundedMinor);
  return refunded > 0n ? statusAfterRefund(to, refunded, BigInt(capturedMinor)) : to;
}

/** What was said of the last change is not said of this one. */
export const asRead = { isRepeated: undefined, isOvertaken: undefined, isChargeTaken: undefined } as const;

function capturedAfter({ state }: OpenedPayment, { charge }: Writing): string | undefined {
  if (charge?.disposition !== 'payment') return state.capturedMinor;
  return (BigInt(state.capturedMinor ?? 0) + BigInt(charge.amountMinor)).toString();
}

/** What is looked at next by itself: the end of an authorisation, or the next poll. */
function wakeAfter(payment: OpenedPayment, writing: Writing): string {
  if (writing.to === 'authorized' && payment.state.status !== 'authorized' && payment.rules !== undefined) {
    return new Date(Date.now() + payment.rules.captureWithinMs).toISOString();
  }
  return writing.wakeAt ?? payment.wakeAt;
}

/** What is written for it. */
export function toChange(
  payment: OpenedPayment,
  next: OpenedPayment,
  writing: Writing,
  { eventId, keepHistoryAfterMs }: { eventId: string; keepHistoryAfterMs: number },
): PaymentChange {
  const attemptNo = writing.attemptNo ?? payment.attempt.attemptNo;
  const channelConfigId = writing.channelConfigId ?? payment.attempt.channelConfigId;
  const type = eventType(payment.state.status, writing);
  return {
    paymentId: payment.request.paymentId,
    onVersion: payment.state.version,
    eventId,
    type,
    from: payment.state.status,
    to: next.state.status,
    cause: { ...writing.cause, attemptNo, inboxIds: writing.inboxIds },
    at: next.state.updatedAt,
    lastError: writing.lastError,
    wakeAt: isFinal(writing.to) ? new Date(Date.now() + keepHistoryAfterMs) : new Date(next.wakeAt),
    expiresAt: writing.expiresAt,
    finished: isFinal(writing.to),
    attempt: writing.attempt && { attemptNo, ...writing.attempt },
    nextAttempt: writing.nextAttempt && {
      attemptNo: next.attempt.attemptNo,
      channel: next.attempt.channel,
      channelConfigId: next.attempt.channelConfigId,
      sentAt: new Date(next.attempt.sentAt),
      method: next.attempt.method,
      fees: writing.nextAttempt.fees,
    },
    charge: writing.charge && { ...writing.charge, channelConfigId, attemptNo },
    capture: writing.capture,
    inboxIds: writing.inboxIds,
    callback: callbackOf(next, type, eventId, payment.callbackEndpointId),
  };
}

/** What merchants are told about; the redirect they have just been given is not news to them, what replaces it is. */
function eventType(
  from: PaymentStatus,
  { to, attempt, capture, lastError, isNews, isUntold }: Writing,
): string {
  if (isUntold === true) return 'payment.charge_closed';
  if (capture?.status === 'declined') return 'payment.capture_failed';
  if (waitsForChannel({ status: to, lastError })) return 'payment.no_channel';
  if (isNews === true && attempt?.status === 'action_required') return 'payment.action_required';
  if (to === 'requires_action' && attempt?.status !== 'action_required') return 'payment.attempt_failed';
  if (to === 'requires_action' && (from === 'requires_action' || from === 'processing')) {
    return 'payment.action_changed';
  }
  return `payment.${to}`;
}

function callbackOf(
  next: OpenedPayment,
  type: string,
  eventId: string,
  endpointId: string | undefined,
): PaymentChange['callback'] {
  if (endpointId === undefined || !isCallbackType(type)) return undefined;
  const request = { ...next.request, conversion: next.conversion };
  const body = callbackBody({ eventId, type, request, state: next.state });
  return { endpointId, merchantId: next.request.merchantId, body };
}
