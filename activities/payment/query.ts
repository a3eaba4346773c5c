import { attemptReference } from '../../domain/payment/reference';
import type { ChargeStatus } from '../../domain/payment/outcome';
import type { AttemptStatus } from '../../domain/payment/react';
import type { ChargeQuery } from '../../integrations/channels/payment-provider';
import { postponeWake } from '../../db/stores/payments-store';
import { failure } from '../failures';
import { leaveAlone } from '../pause';
import type { OpenedPayment } from './contracts';
import { callsEndBy } from './calls-end-by';
import type { Channel, PaymentDeps } from './deps';
import { createStillPayable } from './still-payable';

/** At the channel there is nothing that anybody could still pay. */
const nothingOpen: ReadonlySet<AttemptStatus> = new Set(['cancelled', 'planned', 'unavailable']);

/** Asking a provider what became of a charge: a poll, a resolution of doubt, and the last look before expiry. */
export function createQueries(deps: PaymentDeps) {
  const markStillPayable = createStillPayable(deps);

  /** One look; not knowing is an answer here, because the next poll comes anyway. */
  async function pollCharge(payment: OpenedPayment, nextWakeAt: string): Promise<ChargeStatus> {
    await postponeWake(deps.database, payment.request.paymentId, new Date(nextWakeAt));
    return ask(payment, (channel, query, call) => channel.provider.queryCharge(call, query));
  }

  /** Does not end before it is known: Temporal repeats it with back-off. */
  async function resolveCharge(payment: OpenedPayment): Promise<ChargeStatus> {
    await mustBeConfigured(payment);
    const status = await ask(payment, (channel, query, call) => channel.provider.queryCharge(call, query));
    if (status.kind === 'unknown') {
      throw failure(
        'AnswerUnknown',
        `${payment.attempt.channel} still does not say: ${status.error.message}`,
      );
    }
    if (status.kind === 'not_found' && mayStillArrive(payment)) {
      throw failure(
        'AnswerUnknown',
        `${payment.attempt.channel} does not know this charge, but our call may still arrive.`,
      );
    }
    return status;
  }

  /** Before a payment ends without money: asks once more, and makes sure that nobody can pay any longer. */
  async function closeCharge(payment: OpenedPayment): Promise<ChargeStatus> {
    if (await isOver(payment)) return { kind: 'cancelled' };
    await mustBeConfigured(payment);
    const isReserved = payment.attempt.status === 'authorized';
    const status = await ask(payment, (channel, query, call) => {
      const { cancel } = channel.provider.capabilities;
      if (isReserved) leaveAlone(channel);
      return cancel === 'all' || (cancel === 'reservations' && isReserved)
        ? channel.provider.cancelCharge(call, query)
        : channel.provider.queryCharge(call, query);
    });
    if (status.kind === 'unknown') {
      throw failure(
        'AnswerUnknown',
        `${payment.attempt.channel} does not say whether it was paid: ${status.error.message}`,
      );
    }
    if (status.kind !== 'not_found') return status;
    // There is no call of ours that could still arrive: it is the customer who may.
    if (await isBegunByCustomer(payment)) return { ...status, mayBegin: true };
    if (mayStillArrive(payment)) {
      throw failure(
        'AnswerUnknown',
        `${payment.attempt.channel} has no charge to close, but our call may still arrive.`,
      );
    }
    return status;
  }

  async function isBegunByCustomer({ attempt }: OpenedPayment): Promise<boolean> {
    const channel = await deps.channelOf(attempt.channelConfigId);
    return channel?.provider.capabilities.begunByCustomer === true;
  }

  async function isOver(payment: OpenedPayment): Promise<boolean> {
    const { status, isStillPayable } = payment.attempt;
    if (status !== 'declined') return nothingOpen.has(status);
    if (isStillPayable === true) return false;
    // Runs from before it was marked do not know it.
    return (await markStillPayable(payment)).attempt.isStillPayable !== true;
  }

  /** Nobody can be asked, and asking again would not help: only an operator can. */
  async function mustBeConfigured({ attempt }: OpenedPayment): Promise<void> {
    if ((await deps.channelOf(attempt.channelConfigId)) === undefined)
      throw failure(
        'ChannelRemoved',
        `The configuration of ${attempt.channel} is gone: it can't be asked what became of the charge.`,
      );
  }

  async function ask(
    payment: OpenedPayment,
    question: (
      channel: Channel,
      query: ChargeQuery,
      call: { config: Channel['config']; timeoutMs: number; correlationId: string },
    ) => Promise<ChargeStatus>,
  ): Promise<ChargeStatus> {
    const { request, attempt } = payment;
    const channel = await deps.channelOf(attempt.channelConfigId);
    if (channel === undefined) {
      return {
        kind: 'unknown',
        error: {
          code: 'channel_not_configured',
          message: 'The channel of this payment is not configured any more.',
        },
      };
    }
    const reference = attemptReference(request.paymentId, attempt.attemptNo);
    return question(
      channel,
      {
        ...{ reference, providerRef: attempt.providerRef, currency: request.currency },
        sentAt: new Date(attempt.sentAt),
        sentUntil: new Date(callsEndBy(attempt, deps.timings)),
      },
      { config: channel.config, timeoutMs: deps.timings.channelTimeoutMs, correlationId: reference },
    );
  }

  function mayStillArrive({ attempt }: OpenedPayment): boolean {
    // Declined: our call has been answered.
    return attempt.status !== 'declined' && Date.now() < callsEndBy(attempt, deps.timings);
  }

  return { pollCharge, resolveCharge, closeCharge };
}
