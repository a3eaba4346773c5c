import type { ApplicationFailure } from '@temporalio/common';
import { isCallbackType } from '../../domain/callback-types';
import type { ChannelError, MovedMoney, NextAction } from '../../domain/payment/outcome';
import { callbackBody } from '../../domain/payment/callback-body';
import { waitsForChannel } from '../../domain/payment/no-channel';
import { react, type AttemptStatus, type Disposition } from '../../domain/payment/react';
import type { PaymentMethod } from '../../domain/payment/request';
import type { PaymentState } from '../../domain/payment/state';
import { isFinal, type PaymentStatus } from '../../domain/payment/status';
import { publicId } from '../../domain/ids';
import { changeAndBook } from '../../db/stores/change-and-book';
import { journalsOf } from './journals';
import {
  causeOfVersion,
  loadPaymentById,
  type PaymentChange,
  type StoredPayment,
} from '../../db/stores/payments-store';
import { findChargedAttempt, isChargeTaken } from '../../db/stores/charges-store';
import { failure } from '../failures';
import type { Cause, OpenedPayment, RecordNews } from './contracts';
import type { PaymentDeps } from './deps';

/** One change of a payment, in the words of the activities; everything in it is written together or not at all. */
export interface Writing {
  to: PaymentStatus;
  cause: Cause;
  attempt?: { status: AttemptStatus; nextAction?: NextAction; providerRef?: string; error?: ChannelError };
  /** Whose attempt and charge it is, if not the current one's. */
  attemptNo?: number;
  channelConfigId?: string;
  nextAttempt?: { channelConfigId: string; channel: string; channelsLeft: string[]; method?: PaymentMethod };
  capture?: PaymentChange['capture'];
  charge?: MovedMoney & { disposition: Disposition };
  lastError?: ChannelError;
  inboxIds?: string[];
  wakeAt?: string;
  /** The merchant does not know yet what the customer has to do. */
  isNews?: boolean;
}

export function createRecord(deps: PaymentDeps) {
  /** News of a charge: decides by the one rule what it changes, and writes that. */
  async function news({ payment, ...told }: RecordNews): Promise<OpenedPayment> {
    const reaction = react(
      {
        status: payment.state.status,
        amountMinor: payment.request.amountMinor,
        currency: payment.request.currency,
        capturedMinor: payment.state.capturedMinor,
        isCurrentAttempt: told.attemptNo === payment.attempt.attemptNo,
        attemptStatus: payment.attempt.status,
        nextActionType: payment.state.nextAction?.type,
        isLastAttempt: payment.attempt.attemptNo >= (payment.rules?.attemptsMax ?? 50),
      },
      told.news,
    );
    if (reaction.kind === 'nothing') return payment;
    return write(payment, {
      to: reaction.to,
      cause: told.cause,
      attempt: {
        status: reaction.attempt,
        providerRef: reaction.charge?.providerRef ?? reaction.providerRef,
        nextAction: reaction.nextAction,
        error: reaction.error,
      },
      attemptNo: told.attemptNo,
      channelConfigId: told.channelConfigId,
      charge: reaction.charge,
      lastError: reaction.error,
      inboxIds: told.inboxIds,
      wakeAt: told.wakeAt ?? payment.wakeAt,
    });
  }

  async function write(payment: OpenedPayment, writing: Writing): Promise<OpenedPayment> {
    const next = after(payment, writing);
    const change = toChange(payment, next, writing, {
      eventId: deps.newId(),
      keepHistoryAfterMs: deps.timings.keepHistoryAfterMs,
    });
    let isWritten: boolean;
    try {
      isWritten = await changeAndBook(deps.database, deps.ledger, change, journalsOf(payment, writing));
    } catch (error) {
      if (change.charge === undefined || !isChargeTaken(error)) throw error;
      return setAside(payment, change.charge);
    }
    if (isWritten) {
      if (change.callback !== undefined) deps.callbackCommitted();
      if (change.charge?.disposition === 'suspense') deps.suspenseHeld(change.charge);
      tell(payment, writing, next);
      return next;
    }
    return standing(payment, writing.cause);
  }

  /** Committed: what it says about the channel, and about a payment that nobody can take. */
  function tell(payment: OpenedPayment, { attempt, channelConfigId }: Writing, next: OpenedPayment): void {
    const id = channelConfigId ?? payment.attempt.channelConfigId;
    if (attempt?.status === 'declined') deps.seen.observeVerdict(id, 'declined');
    const isApproved = attempt?.status === 'authorized' || attempt?.status === 'succeeded';
    if (isApproved && payment.attempt.status !== 'authorized') deps.seen.observeVerdict(id, 'approved');
    if (waitsForChannel(next.state)) {
      const { paymentId, merchantId } = payment.request;
      deps.waitsForChannel({ paymentId, merchantId, why: attempt?.error?.message ?? 'none can be used' });
    }
  }

  /**
   * The charge is on the books already, and trying again would not change that. This payment's own: there is nothing
   * more to do. Another's: the channel told one charge for two, which a person has to look at.
   */
  async function setAside(
    payment: OpenedPayment,
    charge: NonNullable<PaymentChange['charge']>,
  ): Promise<OpenedPayment> {
    const { paymentId } = payment.request;
    const ownedBy = (await findChargedAttempt(deps.database, charge))?.paymentId;
    if (ownedBy === paymentId) return { ...payment, isChargeTaken: undefined };
    const { channelConfigId, providerRef, amountMinor, currency } = charge;
    deps.log.error(
      { paymentId, ownedBy, channelConfigId, providerRef, amountMinor, currency },
      'a channel named a charge that belongs to another payment; the news was set aside',
    );
    return { ...payment, isChargeTaken: true };
  }

  /** The row has gone further: rightly so if this very change made it, in a run whose end was lost. */
  async function standing(payment: OpenedPayment, cause: Cause): Promise<OpenedPayment> {
    const { paymentId } = payment.request;
    const writtenBy = await causeOfVersion(deps.database, paymentId, payment.state.version + 1);
    const stored = await loadPaymentById(deps.database, paymentId);
    if (writtenBy !== cause.key || stored === undefined) throw changedByAnother(payment);
    return { ...asStored(payment, stored), isRepeated: true };
  }

  return { news, write };
}

/** Not to be mended by trying again, nor by writing over it. */
export function changedByAnother({ request, state }: OpenedPayment): ApplicationFailure {
  return failure(
    'Diverged',
    `${publicId('payment', request.paymentId)} was changed by another hand after version ${state.version}: ` +
      'look at payment_events and decide which of them is right.',
  );
}

/** The payment as its row has it. */
export function asStored(payment: OpenedPayment, { state, attempt, plan }: StoredPayment): OpenedPayment {
  return {
    ...payment,
    state,
    attempt: { ...payment.attempt, ...attempt, sentAt: attempt.sentAt.toISOString() },
    channelsLeft: plan.routing.chosen.slice(plan.routing.chosen.indexOf(attempt.channelConfigId) + 1),
  };
}

function after(payment: OpenedPayment, writing: Writing): OpenedPayment {
  const now = new Date().toISOString();
  const { nextAttempt } = writing;
  const wakeAt = wakeAfter(payment, writing);
  const isCurrent = (writing.attemptNo ?? payment.attempt.attemptNo) === payment.attempt.attemptNo;
  const state: PaymentState = {
    status: writing.to,
    version: payment.state.version + 1,
    attemptNo: payment.attempt.attemptNo + (nextAttempt === undefined ? 0 : 1),
    nextAction: writing.attempt?.nextAction,
    lastError: writing.lastError,
    capturedMinor: capturedAfter(payment, writing),
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
    return { ...payment, ...asRead, state, attempt, channelsLeft, wakeAt };
  }
  const attempt = {
    ...payment.attempt,
    ...(isCurrent && writing.attempt !== undefined
      ? {
          status: writing.attempt.status,
          // A planned attempt begins now, however long an operator took.
          sentAt: writing.attempt.status === 'sending' ? now : payment.attempt.sentAt,
          providerRef: writing.attempt.providerRef ?? payment.attempt.providerRef,
        }
      : {}),
  };
  return { ...payment, ...asRead, state, attempt, wakeAt };
}

/** What was said of the last change is not said of this one. */
const asRead = { isRepeated: undefined, isChargeTaken: undefined } as const;

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

function toChange(
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
    to: writing.to,
    cause: { ...writing.cause, attemptNo, inboxIds: writing.inboxIds },
    at: next.state.updatedAt,
    lastError: writing.lastError,
    wakeAt: isFinal(writing.to) ? new Date(Date.now() + keepHistoryAfterMs) : new Date(next.wakeAt),
    finished: isFinal(writing.to),
    attempt: writing.attempt && { attemptNo, ...writing.attempt },
    nextAttempt: writing.nextAttempt && {
      attemptNo: next.attempt.attemptNo,
      channel: next.attempt.channel,
      channelConfigId: next.attempt.channelConfigId,
      sentAt: new Date(next.attempt.sentAt),
      method: next.attempt.method,
    },
    charge: writing.charge && { ...writing.charge, channelConfigId, attemptNo },
    capture: writing.capture,
    inboxIds: writing.inboxIds,
    callback: callbackOf(next, type, eventId, payment.callbackEndpointId),
  };
}

/** What merchants are told about; the redirect they have just been given is not news to them, what replaces it is. */
function eventType(from: PaymentStatus, { to, attempt, lastError, isNews }: Writing): string {
  if (waitsForChannel({ status: to, lastError })) return 'payment.no_channel';
  if (isNews === true && attempt?.status === 'action_required') return 'payment.action_required';
  if (to === 'requires_action' && attempt?.status !== 'action_required') return 'payment.attempt_failed';
  if (to === 'requires_action' && from === 'requires_action') return 'payment.action_changed';
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
