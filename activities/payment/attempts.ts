import { setTimeout as sleep } from 'node:timers/promises';
import { delayAfter, usualRetryPolicy } from '../../domain/config/retry-policy';
import { attemptReference } from '../../domain/payment/reference';
import type { ChannelError, ChargeOutcome, ChargeStatus } from '../../domain/payment/outcome';
import { publicId } from '../../domain/ids';
import { noChannelError } from '../../domain/payment/no-channel';
import { isUncalled } from '../../domain/payment/uncalled';
import { isForGood, mayPassSoon, verdictOf } from '../../domain/routing/verdict';
import type { ChargeOfCustomer } from '../../integrations/channels/payment-provider';
import { failure, failureUntil } from '../failures';
import { createPinAttempt } from './attempt-fees';
import type { OpenedPayment } from './contracts';
import { callsEndBy } from './calls-end-by';
import type { Channel, PaymentDeps } from './deps';
import { createRecord } from './record';

/** `fast` while a request waits for the answer; `durable` when nobody does and Temporal repeats it. */
export type Pace = 'fast' | 'durable';

export interface CarryOn {
  /** The attempt was written by this very run: its call has certainly not been made. */
  isFresh: boolean;
  openBy: string;
  pace: Pace;
  /** Nobody who waits for the answer can pass it on: the merchant is told what the customer has to do. */
  isNews?: boolean;
  /** So long somebody waits who can. */
  answerBy?: string;
}

/** Between the channel's answer and our row. */
const writingMs = 500;

/** Brings the current attempt to an answer, and goes on to the next channel where it is certain that nothing happened. */
export function createAttempts(deps: PaymentDeps) {
  const record = createRecord(deps);
  const pinAttempt = createPinAttempt(deps);

  async function carryOn(opened: OpenedPayment, how: CarryOn): Promise<OpenedPayment> {
    let payment = opened;
    let { isFresh } = how;
    // Each turn ends the loop or moves on to a channel not tried before, so it is bounded by their number. What this run
    // did not begin is not its to call.
    while (payment.attempt.status === 'sending' && payment.isOvertaken !== true) {
      const outcome = await call(payment, { ...how, isFresh });
      payment = await settle(payment, outcome, how.isNews === true || isTooLate(how));
      isFresh = payment.isRepeated !== true;
    }
    return payment;
  }

  async function call(payment: OpenedPayment, how: CarryOn): Promise<ChargeOutcome> {
    const channel = await deps.channelOf(payment.attempt.channelConfigId);
    if (!how.isFresh && !mayRepeat(channel, how.openBy)) {
      awaitFirstRun(payment);
      return { kind: 'unknown', error: answerLost };
    }
    // Writing it down took too long. Not certain that nothing happened: a run beside this one may have called.
    if (Date.now() > Math.min(Date.parse(how.openBy), callsEndBy(payment.attempt, deps.timings))) {
      return { kind: 'unknown', error: begunTooLate };
    }
    if (channel === undefined) return { kind: 'unavailable', error: notConfigured };
    if (channel.isSwitchedOff === true) {
      return how.isFresh
        ? { kind: 'unavailable', error: switchedOff }
        : { kind: 'unknown', error: answerLost };
    }

    const { channelFastTimeoutMs, channelTimeoutMs } = deps.timings;
    const withinMs = how.pace === 'fast' ? channelFastTimeoutMs : channelTimeoutMs;
    const outcome = how.isFresh
      ? await tryCharge(payment, channel, withinMs)
      : await startCharge(payment, channel, { withinMs, isFresh: false });
    if (outcome.kind === 'unavailable' && !how.isFresh) {
      // Certain of this call only: the one before it, whose answer was lost, may have charged.
      return { kind: 'unknown', error: outcome.error };
    }
    if (outcome.kind === 'unknown' && how.pace === 'fast' && channel.provider.capabilities.idempotentCreate) {
      // Repeating it under the same key tells more than asking about it, and there is time for that elsewhere.
      throw failure(
        'AnswerUnknown',
        `${payment.attempt.channel} gave no clear answer: ${outcome.error.message}`,
      );
    }
    return outcome;
  }

  /**
   * The run before this one may only be slow, waiting in the bulkhead's queue for instance, and about to write its
   * answer down: until its time is over nobody says that the answer is lost.
   */
  function awaitFirstRun({ attempt }: OpenedPayment): void {
    const waitMs = Date.parse(attempt.sentAt) + deps.timings.channelFastTimeoutMs + writingMs - Date.now();
    if (waitMs > 0) {
      throw failureUntil('AnswerUnknown', `The call to ${attempt.channel} may still be under way.`, waitMs);
    }
  }

  /**
   * Again, while every try before certainly did nothing; whatever may have done something ends it. As often as the
   * provider's policy says; where it has none the next channel is quicker, so only the last one is tried again. All
   * tries have the time of one call, and none is begun that would be cut short.
   */
  async function tryCharge(
    payment: OpenedPayment,
    channel: Channel,
    withinMs: number,
  ): Promise<ChargeOutcome> {
    const { retryPolicy: policy = usualRetryPolicy } = channel.provider;
    const isLast = payment.channelsLeft.length === 0;
    const triesMax = channel.provider.retryPolicy === undefined && !isLast ? 1 : policy.triesMax;
    const endsAt = Date.now() + withinMs;
    let outcome = await startCharge(payment, channel, { withinMs, isFresh: true });
    let told = outcome;
    for (let tries = 1; tries < triesMax && mayPassSoon(outcome); tries += 1) {
      const waitMs = delayAfter(policy, tries);
      const leftMs = endsAt - Date.now() - waitMs;
      if (leftMs < withinMs / 2) break;
      await sleep(waitMs);
      outcome = await startCharge(payment, channel, { withinMs: leftMs, isFresh: true });
      // A later try that never left must not make it look as if none had.
      if (isSent(outcome) || !isSent(told)) told = outcome;
    }
    return told;
  }

  async function startCharge(
    payment: OpenedPayment,
    channel: Channel,
    { withinMs, isFresh }: { withinMs: number; isFresh: boolean },
  ): Promise<ChargeOutcome> {
    const { request } = payment;
    if (request.savedMethod === undefined && request.saveMethodFor === undefined) {
      return observeCharge(payment, channel, withinMs);
    }
    const part = await deps.findCustomerPart(request, payment.attempt);
    if (part.kind === 'ready') return observeCharge(payment, channel, withinMs, part.customer);
    // The run before this one may have charged what is not kept any more.
    return isFresh ? part.outcome : { kind: 'unknown', error: answerLost };
  }

  async function observeCharge(
    payment: OpenedPayment,
    channel: Channel,
    withinMs: number,
    customer?: ChargeOfCustomer,
  ): Promise<ChargeOutcome> {
    const begunAt = performance.now();
    const outcome = await sendCharge(payment, channel, withinMs, customer);
    const { counts } = verdictOf(outcome);
    if (counts !== undefined) {
      const latencyMs = performance.now() - begunAt;
      deps.seen.observeCall(payment.attempt.channelConfigId, { isFailed: counts === 'failed', latencyMs });
    }
    return outcome;
  }

  function sendCharge(
    payment: OpenedPayment,
    channel: Channel,
    withinMs: number,
    customer?: ChargeOfCustomer,
  ): Promise<ChargeOutcome> {
    const { request, attempt } = payment;
    // One that waits in the bulkhead's queue must not be sent when it is believed that it never was.
    const timeoutMs = Math.min(withinMs, Math.max(callsEndBy(attempt, deps.timings) - Date.now(), 1));
    const reference = attemptReference(request.paymentId, attempt.attemptNo);
    return channel.provider.startCharge(
      { config: channel.config, timeoutMs, correlationId: reference },
      {
        reference,
        amount: BigInt(request.amountMinor),
        currency: request.currency,
        description: request.description,
        webhookUrl: `${deps.apiPublicUrl}/api/v1/webhooks/${attempt.channel}/${publicId('channelConfig', attempt.channelConfigId)}`,
        returnUrl: request.returnUrl,
        expiresAt: new Date(request.expiresAt),
        method: attempt.method ?? request.method,
        capture: request.capture ?? 'automatic',
        customer,
      },
    );
  }

  /** Transaction B: the answer is committed before anybody hears of it. */
  async function settle(
    payment: OpenedPayment,
    outcome: ChargeOutcome,
    isNews: boolean,
  ): Promise<OpenedPayment> {
    const cause = { by: 'answer', key: `answer:${payment.attempt.attemptNo}` } as const;
    switch (outcome.kind) {
      case 'action':
        return record.write(payment, {
          to: 'requires_action',
          attempt: {
            status: 'action_required',
            nextAction: outcome.nextAction,
            providerRef: outcome.providerRef,
          },
          cause,
          isNews,
        });
      case 'unknown':
        return record.write(payment, {
          to: 'unknown',
          attempt: { status: 'unknown', error: outcome.error },
          lastError: outcome.error,
          cause,
        });
      case 'unavailable':
        return nextChannel(payment, outcome.error, cause.key);
      case 'processing':
      case 'succeeded':
      case 'authorized':
      case 'declined':
        return record.news({
          payment,
          attemptNo: payment.attempt.attemptNo,
          channelConfigId: payment.attempt.channelConfigId,
          news: outcome satisfies ChargeStatus,
          cause,
          inboxIds: [],
        });
    }
  }

  /** Only called when it is certain that the current attempt had no effect. */
  async function nextChannel(
    payment: OpenedPayment,
    error: ChannelError,
    key: string,
  ): Promise<OpenedPayment> {
    const [channelConfigId, ...channelsLeft] = payment.channelsLeft;
    const cause = { by: 'answer', key } as const;
    if (channelConfigId === undefined) {
      if (isWorthWaiting(payment, error)) return waitForChannel(payment, key, error);
      return record.write(payment, {
        to: 'failed',
        attempt: { status: 'unavailable', error },
        lastError: {
          ...error,
          message: `${error.message} No other channel is left: try again with a new orderId.`,
        },
        cause,
      });
    }
    const channel = await deps.channelOf(channelConfigId);
    const { method } = payment.attempt;
    const fees = await pinAttempt(payment, { channelConfigId, method });
    return record.write(payment, {
      to: 'pending',
      attempt: { status: 'unavailable', error },
      nextAttempt: {
        channelConfigId,
        channel: channel?.config.channel ?? payment.attempt.channel,
        channelsLeft,
        method,
        fees,
      },
      cause,
    });
  }

  /** Nothing was charged and nobody can take it now: it stays, for operators to see to, until it expires. */
  function waitForChannel(payment: OpenedPayment, key: string, error?: ChannelError): Promise<OpenedPayment> {
    return record.write(payment, {
      to: 'pending',
      attempt: error && { status: 'unavailable', error },
      lastError: noChannelError,
      cause: { by: 'answer', key },
      wakeAt: payment.request.expiresAt,
    });
  }

  return { carryOn, nextChannel, waitForChannel };
}

function isSent(outcome: ChargeOutcome): boolean {
  return outcome.kind !== 'unavailable' || !isUncalled('unavailable', outcome.error);
}

/** Whoever waited has been answered without it, or may be while it is written down: better told twice than never. */
function isTooLate({ answerBy }: CarryOn): boolean {
  return answerBy !== undefined && Date.now() + writingMs > Date.parse(answerBy);
}

/** Not when the only channel there is objects to the payment itself, or when our own call was lost. */
function isWorthWaiting({ attempt }: OpenedPayment, { code }: ChannelError): boolean {
  return code !== 'never_arrived' && !(attempt.attemptNo === 1 && isForGood(code));
}

function mayRepeat(channel: Channel | undefined, openBy: string): boolean {
  return channel?.provider.capabilities.idempotentCreate === true && Date.now() <= Date.parse(openBy);
}

const notConfigured: ChannelError = {
  code: 'channel_not_configured',
  message: 'The channel that was chosen is not configured any more.',
};
const switchedOff: ChannelError = {
  code: 'channel_switched_off',
  message: 'The channel that was chosen has been switched off by an operator.',
};
const begunTooLate: ChannelError = {
  code: 'begun_too_late',
  message: 'The payment could not be begun in time; the channel is being asked whether it knows of it.',
};
const answerLost: ChannelError = {
  code: 'answer_lost',
  message: 'The call to the channel was interrupted; the channel is being asked what became of it.',
};
