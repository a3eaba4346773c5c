import type { ChannelError } from '../../domain/payment/outcome';
import type { PaymentMethod } from '../../domain/payment/request';
import { createAttempts } from './attempts';
import type { Cause, OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';
import { createRecord } from './record';

export interface AttemptOrder {
  provider?: string;
  method?: PaymentMethod;
  cause: Cause;
}

export interface AttemptStarted {
  payment: OpenedPayment;
  refused?: ChannelError;
}

/** What begins an attempt after the first: certainty that the last had no effect, the merchant, or an operator. */
export function createNextAttempts(deps: PaymentDeps) {
  const attempts = createAttempts(deps);
  const record = createRecord(deps);

  /** The current attempt had no effect, so the next channel of the routing decision is tried, if there is one. */
  async function tryNextChannel(payment: OpenedPayment, error: ChannelError): Promise<OpenedPayment> {
    return carryOn(await attempts.nextChannel(payment, error, `next:${payment.attempt.attemptNo}`));
  }

  /** The merchant tries again, perhaps by another way; the last attempt is over. */
  async function startAttempt(payment: OpenedPayment, order: AttemptOrder): Promise<AttemptStarted> {
    const { request } = payment;
    const setup = await deps.setupOf(request.merchantId, request.mode);
    const method = order.method ?? request.method;
    const question = {
      currency: request.currency,
      provider: order.provider,
      method,
      capture: request.capture,
    };
    const decision = deps.route(question, setup?.candidates ?? []);
    const [channelConfigId, ...channelsLeft] = decision.chosen;
    const channel = decision.considered.find((one) => one.channelConfigId === channelConfigId)?.channel;
    if (channelConfigId === undefined || channel === undefined) return { payment, refused: noChannel };
    const begun = await record.write(payment, {
      to: 'pending',
      nextAttempt: { channelConfigId, channel, channelsLeft },
      cause: order.cause,
    });
    return { payment: await carryOn(begun) };
  }

  /** An operator let it pass, or the deadline did. */
  async function approve(payment: OpenedPayment, cause: Cause): Promise<OpenedPayment> {
    return carryOn(await record.write(payment, { to: 'pending', attempt: { status: 'sending' }, cause }));
  }

  function carryOn(payment: OpenedPayment): Promise<OpenedPayment> {
    return attempts.carryOn(payment, {
      isFresh: payment.isRepeated !== true,
      // From when the attempt was written down: a repeat of this step hours later must not be its first call.
      openBy: new Date(Date.parse(payment.attempt.sentAt) + deps.timings.channelTimeoutMs).toISOString(),
      pace: 'durable',
    });
  }

  return { tryNextChannel, startAttempt, approve };
}

const noChannel: ChannelError = {
  code: 'channel_not_available',
  message: 'No channel can take this attempt: ask for another method or provider.',
};
