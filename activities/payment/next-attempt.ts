import { changesSince } from '../../db/stores/changes-since-store';
import type { ChannelError } from '../../domain/payment/outcome';
import { routingQuestion } from '../../domain/payment/plan';
import type { AttemptStatus } from '../../domain/payment/react';
import { neverBegunCode, notCalledCode } from '../../domain/payment/uncalled';
import type { PaymentMethod } from '../../domain/payment/request';
import type { ChannelRouter, RoutingDecision } from '../../domain/routing/contracts';
import { routerFor } from '../../domain/routing/kept-methods';
import { createPinAttempt } from './attempt-fees';
import { createAttempts } from './attempts';
import type { Cause, OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';
import { createRecord } from './record';
import type { Writing } from './writing';

export interface AttemptOrder {
  /** Left out: the payment's own, if it named one; `auto`: whoever fits. */
  provider?: string;
  method?: PaymentMethod;
  cause: Cause;
  /** So long somebody waits for the answer. */
  answerBy?: string;
  /** Nobody has begun the charge before it at its channel, which can't close that: it is watched. */
  isLastUnbegun?: boolean;
}

export interface AttemptStarted {
  payment: OpenedPayment;
  refused?: ChannelError;
}

/** What begins an attempt after the first: certainty that the last had no effect, the merchant, or an operator. */
export function createNextAttempts(deps: PaymentDeps) {
  const attempts = createAttempts(deps);
  const record = createRecord(deps);
  const pinAttempt = createPinAttempt(deps);

  /** The current attempt had no effect, so the next channel of the routing decision is tried, if there is one. */
  async function tryNextChannel(payment: OpenedPayment, error: ChannelError): Promise<OpenedPayment> {
    return carryOn(await attempts.nextChannel(payment, error, `next:${payment.attempt.attemptNo}`), true);
  }

  /** The merchant tries again, perhaps by another way; the last attempt is over. */
  async function startAttempt(payment: OpenedPayment, order: AttemptOrder): Promise<AttemptStarted> {
    const decision = await routeAnew(payment, order, deps.route);
    const [channelConfigId, ...channelsLeft] = decision?.chosen ?? [];
    const channel = decision?.considered.find((one) => one.channelConfigId === channelConfigId)?.channel;
    if (channelConfigId === undefined || channel === undefined) {
      return refuse(payment, order, refusal(decision));
    }
    const { method } = order;
    const fees = await pinAttempt(payment, { channelConfigId, method });
    const begun = await record.write(payment, {
      to: 'pending',
      attempt: order.isLastUnbegun === true ? neverBegun : endOf(payment.attempt.status),
      nextAttempt: { channelConfigId, channel, channelsLeft, method, fees },
      cause: { ...order.cause, routing: decision },
    });
    return began(payment, begun, order);
  }

  /** Whether any channel could take it, asked while the charge before it is still open: why none can, if none can. */
  async function refusalOfAttempt(
    payment: OpenedPayment,
    order: AttemptOrder,
  ): Promise<ChannelError | undefined> {
    const decision = await routeAnew(payment, order, deps.look);
    return decision?.chosen[0] === undefined ? refusal(decision) : undefined;
  }

  /** The charge before it was closed for it: nobody must be sent there any more. */
  async function refuse(
    payment: OpenedPayment,
    order: AttemptOrder,
    refused: ChannelError,
  ): Promise<AttemptStarted> {
    const { cause } = order;
    const { attempt: before, request, state } = payment;
    const since = await changesSince(deps.database, request.paymentId, state.version);
    const isTold = since.some(({ key }) => key === cause.key);
    if (before.status !== 'action_required' && !isTold) return { payment, refused };
    const attempt = { status: 'cancelled', error: closedInVain } as const;
    const told = await record.write(payment, { to: 'requires_action', attempt, lastError: refused, cause });
    return began(payment, told, order);
  }

  /** A repeated step finds what the run before it has written, whichever it was. */
  async function began(
    before: OpenedPayment,
    written: OpenedPayment,
    { cause, answerBy }: AttemptOrder,
  ): Promise<AttemptStarted> {
    // Nothing was begun and nothing refused: it is looked at again on what stands now.
    if (written.isOvertaken === true) return { payment: written };
    if (written.attempt.attemptNo === before.attempt.attemptNo) {
      return { payment: written, refused: written.state.lastError ?? refusal(undefined) };
    }
    return { payment: await carryOn(written, cause.by === 'operator', answerBy) };
  }

  async function routeAnew(
    { request }: OpenedPayment,
    order: AttemptOrder,
    route: ChannelRouter,
  ): Promise<RoutingDecision | undefined> {
    const setup = await deps.setupOf(request.merchantId, request.mode);
    if (setup === undefined) return undefined;
    const provider = order.provider ?? request.provider;
    const wish = {
      ...request,
      amount: BigInt(request.amountMinor),
      provider: provider === 'auto' ? undefined : provider,
      method: order.method ?? request.method,
    };
    return routerFor(route, wish)({ ...routingQuestion(setup, wish), isUnderWay: true }, setup.candidates);
  }

  /** An operator let it pass, or the deadline did: the customer, who sees it only now, has all of its time from here. */
  async function approve(payment: OpenedPayment, cause: Cause): Promise<OpenedPayment> {
    const routing = await routeAnew(payment, { cause }, deps.route);
    const first = routing?.chosen[0];
    const expiresAt = wholeTimeFromNow(payment);
    // What was planned may have gone away while somebody thought about it.
    if (
      routing === undefined ||
      first === undefined ||
      routing.chosen.includes(payment.attempt.channelConfigId)
    ) {
      return carryOn(
        await record.write(payment, { to: 'pending', attempt: { status: 'sending' }, cause, expiresAt }),
        true,
      );
    }
    const channel = routing.considered.find((one) => one.channelConfigId === first)?.channel ?? '';
    const fees = await pinAttempt(payment, { channelConfigId: first });
    const begun = await record.write(payment, {
      to: 'pending',
      attempt: neverCalled,
      nextAttempt: { channelConfigId: first, channel, channelsLeft: routing.chosen.slice(1), fees },
      cause: { ...cause, routing },
      expiresAt,
    });
    return carryOn(begun, true);
  }

  function carryOn(payment: OpenedPayment, isNews: boolean, answerBy?: string): Promise<OpenedPayment> {
    return attempts.carryOn(payment, {
      isFresh: payment.isRepeated !== true,
      // From when the attempt was written down: a repeat of this step hours later must not be its first call.
      openBy: new Date(Date.parse(payment.attempt.sentAt) + deps.timings.channelTimeoutMs).toISOString(),
      pace: 'durable',
      isNews,
      answerBy,
    });
  }

  return { tryNextChannel, refusalOfAttempt, startAttempt, approve };
}

function wholeTimeFromNow({ request: { createdAt, expiresAt } }: OpenedPayment): string {
  return new Date(Date.now() + Date.parse(expiresAt) - Date.parse(createdAt)).toISOString();
}

/** How the attempt before this one ends, if it has not: its charge was closed, or never made. */
function endOf(status: AttemptStatus): Writing['attempt'] {
  switch (status) {
    case 'planned':
      return neverCalled;
    case 'action_required':
      return superseded;
    default:
      return undefined;
  }
}

const superseded = {
  status: 'cancelled',
  error: { code: 'superseded', message: 'It was closed at the channel, because another attempt was begun.' },
} as const;
const neverBegun = {
  status: 'cancelled',
  error: {
    code: neverBegunCode,
    message:
      'Another attempt was begun before the customer had begun this one at the channel; what is paid there all the same is found.',
  },
} as const;
const closedInVain: ChannelError = {
  code: 'superseded',
  message: 'It was closed at the channel for another attempt, which no channel could take any more.',
};
const neverCalled = {
  status: 'cancelled',
  error: { code: notCalledCode, message: 'This channel could not be used, and another one was chosen.' },
} as const;

function refusal(decision: RoutingDecision | undefined): ChannelError {
  const reasons = (decision?.considered ?? [])
    .map(({ channel, reason }) => `${channel}: ${reason}`)
    .join('; ');
  if (decision?.onlyForAmount !== undefined) {
    return { code: 'amount_not_taken', message: `No channel takes this amount so (${reasons}).` };
  }
  return {
    code: 'channel_not_available',
    message: `No channel can take this attempt (${reasons || 'none is configured'}): wait, or ask for another method or provider ("auto": whichever fits).`,
  };
}
