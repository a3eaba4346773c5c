import type { ApplicationFailure } from '@temporalio/common';
import { isTimeUp } from '../../domain/payment/command';
import { waitsForChannel } from '../../domain/payment/no-channel';
import { react } from '../../domain/payment/react';
import { isFinal } from '../../domain/payment/status';
import { publicId } from '../../domain/ids';
import { changeAndBook } from '../../db/stores/change-and-book';
import { journalsOf } from './journals';
import { loadPaymentById, type PaymentChange, type StoredPayment } from '../../db/stores/payments-store';
import { changesSince } from '../../db/stores/changes-since-store';
import { findChargedAttempt, isChargeTaken } from '../../db/stores/charges-store';
import { failure } from '../failures';
import { feesOfCharge } from './attempt-fees';
import type { OpenedPayment, RecordNews } from './contracts';
import type { PaymentDeps } from './deps';
import { createHoldLateMoney } from './hold-late-money';
import { createRecordLate } from './late';
import { isOwnDoing } from './own-doing';
import { createStillPayable } from './still-payable';
import { after, asRead, toChange, type Writing } from './writing';

export function createRecord(deps: PaymentDeps) {
  const markStillPayable = createStillPayable(deps);
  const recordLate = createRecordLate(deps);
  const holdLateMoney = createHoldLateMoney(deps);

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
        isTimeUp: isTimeUp(payment.request),
      },
      told.news,
    );
    if (reaction.kind === 'nothing') return payment;
    const written = await write(payment, {
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
      isUntold: reaction.isUntold,
      wakeAt: reaction.isUntold === true ? payment.request.expiresAt : (told.wakeAt ?? payment.wakeAt),
    });
    if (written.isOvertaken === true)
      return newsOnWhatStands({ ...told, payment: { ...written, ...asRead } });
    return reaction.attempt === 'declined' ? markStillPayable(written) : written;
  }

  /** Decided once more, on the payment as others have left it meanwhile; what finds it ended is late news. */
  async function newsOnWhatStands(told: RecordNews): Promise<OpenedPayment> {
    const { payment, attemptNo, channelConfigId, inboxIds } = told;
    if (!isFinal(payment.state.status)) return news(told);
    for (const inboxId of inboxIds) await recordLate(inboxId);
    if (inboxIds.length === 0 && told.news.kind === 'succeeded') {
      const { request: address } = payment;
      const attempt = { paymentId: address.paymentId, attemptNo };
      await holdLateMoney({ address, attempt, channelConfigId, told: told.news.charge });
    }
    return payment;
  }

  function write(payment: OpenedPayment, writing: Writing): Promise<OpenedPayment> {
    return writeOn(payment, payment, writing);
  }

  /** On the payment as it was given, or as what moved beside it since then has left it. */
  async function writeOn(
    base: OpenedPayment,
    payment: OpenedPayment,
    writing: Writing,
  ): Promise<OpenedPayment> {
    const next = after(base, writing);
    const { change, passOn } = underLease(
      toChange(base, next, writing, {
        eventId: deps.newId(),
        keepHistoryAfterMs: deps.timings.keepHistoryAfterMs,
      }),
    );
    let isWritten: boolean;
    try {
      const journals = journalsOf(payment, writing, await feesOfCharge(deps, payment, writing));
      isWritten = await changeAndBook(deps.database, deps.ledger, change, journals);
    } catch (error) {
      if (change.charge === undefined || !isChargeTaken(error)) throw error;
      return setAside(payment, change.charge);
    }
    if (isWritten) {
      passOn();
      if (change.charge?.disposition === 'suspense') deps.suspenseHeld(change.charge);
      tell(payment, writing, next);
      return next;
    }
    return standing(base, payment, writing);
  }

  /** Where this process's relay has room, the callback is written under its lease and given to it when committed. */
  function underLease(change: PaymentChange): { change: PaymentChange; passOn(): void } {
    const { callback, eventId: id, type, at } = change;
    if (callback === undefined) return { change, passOn: () => undefined };
    const lease = deps.leaseCallback(callback.endpointId);
    if (lease === undefined) return { change, passOn: deps.callbackCommitted };
    const { endpointId, body } = callback;
    return {
      change: { ...change, callback: { ...callback, leaseMs: lease.ms } },
      passOn: () => lease.deliver({ id, endpointId, type, body, createdAt: new Date(at) }),
    };
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

  /**
   * The row has gone further: rightly so if this very change made it, in a run whose end was lost, if only what moves
   * beside the payment did, or if this payment's own changes did, of which a task that Temporal has lost could not tell.
   */
  async function standing(
    base: OpenedPayment,
    payment: OpenedPayment,
    writing: Writing,
  ): Promise<OpenedPayment> {
    const { paymentId } = payment.request;
    // Read before it is asked who wrote: on what is read here nobody of our own has written then.
    const moved = await loadPaymentById(deps.database, paymentId);
    const since = await changesSince(deps.database, paymentId, payment.state.version);
    if (since.some(({ key }) => key === writing.cause.key)) {
      const stored = await loadPaymentById(deps.database, paymentId);
      if (stored !== undefined) return { ...asStored(payment, stored), isRepeated: true };
    }
    if (moved === undefined || moved.state.version <= base.state.version) throw changedByAnother(payment);
    if (!isOwnDoing(payment.state, moved.state, since)) throw changedByAnother(payment);
    if (since.some(({ isBeside }) => !isBeside)) {
      // The channel has captured it, and there is no reservation any more that it could be booked on.
      if (writing.capture !== undefined) throw changedByAnother(payment);
      return { ...(await markStillPayable(asStored(payment, moved))), isOvertaken: true };
    }
    const { version, refundedMinor, isPartDisputed } = moved.state;
    const state = { ...base.state, version, refundedMinor, isPartDisputed };
    return writeOn({ ...base, state }, payment, writing);
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
export function asStored(payment: OpenedPayment, stored: StoredPayment): OpenedPayment {
  const { request, state, attempt, plan } = stored;
  const { isStillPayable } = payment.attempt;
  const isSame = attempt.attemptNo === payment.attempt.attemptNo && attempt.status === 'declined';
  return {
    ...payment,
    ...asRead,
    request: { ...payment.request, expiresAt: request.expiresAt },
    state,
    attempt: {
      ...payment.attempt,
      ...attempt,
      sentAt: attempt.sentAt.toISOString(),
      isStillPayable: isSame ? isStillPayable : undefined,
    },
    channelsLeft: plan.routing.chosen.slice(plan.routing.chosen.indexOf(attempt.channelConfigId) + 1),
    // What is reserved by now is not to be given back when it would have been asked whether it is paid.
    wakeAt: stored.wakeAt?.toISOString() ?? payment.wakeAt,
  };
}
