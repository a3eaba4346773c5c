import type { AttemptStatus } from '../../domain/payment/react';
import type { ChannelError, ChargeStatus } from '../../domain/payment/outcome';
import { isFinal } from '../../domain/payment/status';
import { keepReservation, settleAttempt } from '../../db/stores/late-charges-store';
import { ignoreArrivals, loadArrival } from '../../db/stores/webhook-inbox-store';
import type { OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';
import { createHoldLateMoney } from './hold-late-money';
import { leftBehind } from './left-behind';
import { createQueries } from './query';

export type Released =
  | 'over'
  | 'still_open'
  /** Nobody has begun it at the channel, and the customer still may. */
  | 'not_begun';

/**
 * What a payment has left open at a channel is closed there. Asked again by its workflow as long as the channel keeps
 * it open.
 */
export function createReleases(deps: PaymentDeps) {
  const { closeCharge, resolveCharge } = createQueries(deps);
  const holdLateMoney = createHoldLateMoney(deps);

  /**
   * After the payment's end; if somebody paid it all the same, that money is held in suspense. The last look takes what
   * nobody has begun for over.
   */
  async function releaseCharge(payment: OpenedPayment, isLastLook?: boolean): Promise<Released> {
    const status = await closeOrGiveUp(payment);
    if (status.kind !== 'not_found' || status.mayBegin !== true) return end(payment, status);
    return isLastLook === true ? over(payment, 'expired') : 'not_begun';
  }

  /** What was reserved since can be given up also where an open charge can't be closed. */
  async function closeOrGiveUp(payment: OpenedPayment): Promise<ChargeStatus> {
    const status = await closeCharge(payment);
    if (status.kind !== 'authorized' || payment.attempt.status === 'authorized') return status;
    return closeCharge({ ...payment, attempt: { ...payment.attempt, status: 'authorized' } });
  }

  /** What an event tells was reserved, after the payment's end or by an older attempt. */
  async function releaseReservation(inboxId: string): Promise<Released> {
    const arrival = await loadArrival(deps.database, inboxId);
    const payment = arrival && (await leftBehind(deps.database, arrival));
    if (payment === undefined) return 'over';
    if (!arrival?.isSettled) {
      if (await isOldNews(payment)) {
        await ignoreArrivals(deps.database, [inboxId]);
        return 'over';
      }
      await keep(payment, inboxId);
    }
    const status = await closeCharge(payment);
    // Captured at the provider: a payment that is open is told so, and decides whether that pays it.
    if (status.kind === 'succeeded' && !isFinal(payment.state.status)) return 'still_open';
    return end(payment, status);
  }

  /** It was given back before, by whoever. While the channel can't be asked the news is believed. */
  async function isOldNews(payment: OpenedPayment): Promise<boolean> {
    const { kind } = await resolveCharge(payment).catch(() => ({ kind: 'authorized' }));
    return kind === 'declined' || kind === 'cancelled';
  }

  async function keep({ request: { paymentId }, attempt }: OpenedPayment, inboxId: string): Promise<void> {
    const { attemptNo, channelConfigId } = attempt;
    const kept = { inboxId, paymentId, attemptNo, error: reservedInVain };
    if (!(await keepReservation(deps.database, kept))) return;
    deps.log.warn({ paymentId, attemptNo, channelConfigId }, 'money was reserved in vain; it is given back');
  }

  async function end(payment: OpenedPayment, status: ChargeStatus): Promise<Released> {
    switch (status.kind) {
      case 'open':
      case 'processing':
      case 'authorized':
      case 'unknown':
        return 'still_open';
      case 'succeeded': {
        const { request: address, attempt } = payment;
        const { channelConfigId, attemptNo } = attempt;
        const name = { paymentId: address.paymentId, attemptNo };
        await holdLateMoney({ address, attempt: name, channelConfigId, told: status.charge });
        return over(payment, 'succeeded');
      }
      case 'declined':
      case 'cancelled':
        return over(payment, status.kind);
      case 'not_found':
        return over(payment, 'unavailable');
    }
  }

  async function over({ request, attempt }: OpenedPayment, status: AttemptStatus): Promise<Released> {
    await settleAttempt(deps.database, request.paymentId, attempt.attemptNo, status);
    return 'over';
  }

  return { releaseCharge, releaseReservation };
}

const reservedInVain: ChannelError = {
  code: 'reserved_in_vain',
  message: 'It was reserved when the payment had ended or stood on a later attempt, and is given back.',
};
