import { formatAmount } from '../money/amount';
import { findCurrency } from '../money/currency';
import type { ChannelError, ChargeStatus, MovedMoney, NextAction } from './outcome';
import { isFinal, mayBecome, type PaymentStatus } from './status';

export type AttemptStatus =
  /** Decided upon, not begun: an operator looks at the payment first. */
  | 'planned'
  | 'sending'
  | 'action_required'
  /** The customer has done what there was to do; the channel has still to say how it ends. */
  | 'processing'
  | 'authorized'
  | 'succeeded'
  | 'declined'
  | 'unavailable'
  | 'unknown'
  | 'cancelled'
  | 'expired';

/** Where money that moved belongs: to its payment, or aside until somebody decides. */
export type Disposition = 'payment' | 'suspense';

export interface Change {
  kind: 'change';
  to: PaymentStatus;
  attempt: AttemptStatus;
  charge?: MovedMoney & { disposition: Disposition };
  providerRef?: string;
  nextAction?: NextAction;
  error?: ChannelError;
  /** The payment is about to expire, and that is what the merchant is told. */
  isUntold?: boolean;
}

/** What a piece of news does to a payment: nothing, or one change of state. */
export type Reaction = { kind: 'nothing' } | Change;

export interface Expected {
  status: PaymentStatus;
  amountMinor: string;
  currency: string;
  /** What captures have taken so far: it is on the books already. */
  capturedMinor?: string;
  /** Whether the news is about the attempt that the payment now stands on. */
  isCurrentAttempt: boolean;
  attemptStatus: AttemptStatus;
  /** What the customer has been given to do. */
  nextActionType?: NextAction['type'];
  /** No further attempt is allowed after this one. */
  isLastAttempt: boolean;
  /** The payment's time is over, or so nearly that the channel's clock may say so. */
  isTimeUp: boolean;
}

const nothing: Reaction = { kind: 'nothing' };

/**
 * News about a charge, from a webhook, a poll or an answer: they say the same things and so they are treated
 * by the same rule. Order and repetition do not matter, because a state only moves forward.
 */
export function react(expected: Expected, news: ChargeStatus): Reaction {
  if (isFinal(expected.status)) return nothing;
  const captured = BigInt(expected.capturedMinor ?? 0);
  const wanted = captured > 0n ? wishOfCaptured(expected, news, captured) : wish(expected, news);
  if (wanted.kind === 'nothing' || !mayBecome(expected.status, wanted.to)) return nothing;
  const isOldNews =
    expected.isCurrentAttempt && wanted.attempt === expected.attemptStatus && wanted.nextAction === undefined;
  return isOldNews ? nothing : wanted;
}

function wish(expected: Expected, news: ChargeStatus): Reaction {
  switch (news.kind) {
    case 'succeeded':
      if (!isAsAgreed(expected, news.charge)) return wrongAmount(expected, news.charge);
      return {
        kind: 'change',
        to: 'succeeded',
        attempt: 'succeeded',
        charge: { ...news.charge, disposition: 'payment' },
      };
    case 'authorized':
      // An older attempt's is given back: a capture would go to the attempt that the payment stands on.
      if (!expected.isCurrentAttempt || expected.status === 'authorized') return nothing;
      if (!isAsAgreed(expected, news.charge)) return wrongReservation(expected, news.charge);
      return {
        kind: 'change',
        to: 'authorized',
        attempt: 'authorized',
        providerRef: news.charge.providerRef,
      };
    case 'declined':
      // The payment stays open for another attempt until it expires.
      if (!expected.isCurrentAttempt) return nothing;
      if (expected.status === 'authorized') return reservationLost('failed', 'declined', news.error);
      return attemptOver(expected, 'declined', news.error);
    case 'cancelled':
      if (!expected.isCurrentAttempt) return nothing;
      if (expected.status === 'authorized') return reservationLost('cancelled', 'cancelled', voidedThere);
      return expected.isTimeUp ? chargeExpired(expected) : attemptOver(expected, 'cancelled', cancelledThere);
    case 'processing':
      if (!expected.isCurrentAttempt) return nothing;
      return { kind: 'change', to: 'processing', attempt: 'processing', providerRef: news.providerRef };
    case 'open':
      return otherAction(expected, news);
    case 'not_found':
    case 'unknown':
      return nothing;
  }
}

/**
 * The customer has chosen at the provider, and what is left to do is of another kind now: a number to pay by, say. The
 * same kind again is no news, however it is worded, so that polling does not write. What the channel worked on may be
 * the customer's turn again.
 */
function otherAction(
  expected: Expected,
  { nextAction, providerRef, mayBeInProcess }: ChargeStatus & { kind: 'open' },
): Reaction {
  const change = { kind: 'change', to: 'requires_action', attempt: 'action_required' } as const;
  if (expected.isCurrentAttempt && expected.attemptStatus === 'processing') {
    return mayBeInProcess === true ? nothing : { ...change, nextAction, providerRef };
  }
  const isWaiting = expected.isCurrentAttempt && expected.attemptStatus === 'action_required';
  const known = expected.nextActionType;
  if (!isWaiting || nextAction === undefined || known === undefined || nextAction.type === known)
    return nothing;
  return { ...change, nextAction, providerRef };
}

/**
 * A part was captured: the provider's total holds that part, which must not be booked again, and whatever becomes
 * of the rest of the reservation, the part stays paid.
 */
function wishOfCaptured(expected: Expected, news: ChargeStatus, captured: bigint): Reaction {
  const ended = { kind: 'change', to: 'succeeded', attempt: 'succeeded' } as const;
  switch (news.kind) {
    case 'declined':
    case 'cancelled':
      return expected.isCurrentAttempt ? ended : nothing;
    case 'succeeded': {
      const { charge } = news;
      if (!expected.isCurrentAttempt) {
        return {
          kind: 'change',
          to: expected.status,
          attempt: 'succeeded',
          charge: { ...charge, disposition: 'suspense' },
        };
      }
      if (charge.currency !== expected.currency) return wrongMoneyBeside(charge);
      const total = BigInt(charge.amountMinor);
      if (total <= captured) return ended;
      const rest = { ...charge, amountMinor: (total - captured).toString() };
      // Captured by somebody else than us; past what was agreed it is not the payment's.
      if (total > BigInt(expected.amountMinor)) return wrongMoneyBeside(rest);
      return { ...ended, charge: { ...rest, disposition: 'payment' } };
    }
    case 'authorized':
    case 'processing':
    case 'open':
    case 'not_found':
    case 'unknown':
      return nothing;
  }
}

function wrongMoneyBeside(charge: MovedMoney): Reaction {
  return {
    kind: 'change',
    to: 'succeeded',
    attempt: 'succeeded',
    charge: { ...charge, disposition: 'suspense' },
  };
}

/**
 * Another attempt may follow until the limit; the last one takes the payment with it. One that has ended keeps what it
 * came to: a declined charge, for instance, is closed when another attempt begins, and the channel tells of that.
 */
function attemptOver(expected: Expected, attempt: 'declined' | 'cancelled', error: ChannelError): Reaction {
  if (expected.attemptStatus === 'declined' || expected.attemptStatus === 'cancelled') return nothing;
  if (!expected.isLastAttempt) return { kind: 'change', to: 'requires_action', attempt, error };
  const message = `${error.message} No attempt is left: start again with a new orderId.`;
  return { kind: 'change', to: 'failed', attempt, error: { ...error, message } };
}

/** The channel is only the first to see that the time is over: no attempt has failed, and the payment expires by itself. */
function chargeExpired(expected: Expected): Reaction {
  const over = attemptOver({ ...expected, isLastAttempt: false }, 'cancelled', closedInTime);
  return over.kind === 'change' ? { ...over, isUntold: true } : over;
}

/** What was reserved is not any more: whoever waits to capture it must hear so, attempts left or not. */
function reservationLost(
  to: 'failed' | 'cancelled',
  attempt: 'declined' | 'cancelled',
  error: ChannelError,
): Reaction {
  const message = `${error.message} The reservation is gone: start again with a new orderId.`;
  return { kind: 'change', to, attempt, error: { ...error, message } };
}

function isAsAgreed(expected: Expected, charge: MovedMoney): boolean {
  return charge.amountMinor === expected.amountMinor && charge.currency === expected.currency;
}

/** As people read it; a channel may name a currency that is in no table of ours. */
function inWords({ amountMinor, currency }: Pick<MovedMoney, 'amountMinor' | 'currency'>): string {
  return findCurrency(currency) === undefined
    ? `${amountMinor} of the smallest unit of ${currency}`
    : `${formatAmount(BigInt(amountMinor), currency)} ${currency}`;
}

/** Money came, but not the money that was agreed: it is kept aside, never counted as this payment's. */
function wrongAmount(agreed: Expected, charge: MovedMoney): Reaction {
  return {
    kind: 'change',
    to: 'failed',
    attempt: 'succeeded',
    charge: { ...charge, disposition: 'suspense' },
    error: {
      code: 'amount_mismatch',
      message: `The channel charged ${inWords(charge)} instead of the agreed ${inWords(agreed)}; the money is held in suspense. Use a new orderId to charge again.`,
    },
  };
}

/** No money has moved: the payment ends with its charge left open, and so it is closed. */
function wrongReservation(agreed: Expected, charge: MovedMoney): Reaction {
  return {
    kind: 'change',
    to: 'failed',
    attempt: 'authorized',
    providerRef: charge.providerRef,
    error: {
      code: 'amount_mismatch',
      message: `The channel reserved ${inWords(charge)} instead of the agreed ${inWords(agreed)}; the reservation is given back. Use a new orderId to charge again.`,
    },
  };
}

const voidedThere: ChannelError = {
  code: 'cancelled_at_channel',
  message: 'The channel gave the reserved money back.',
};
const cancelledThere: ChannelError = {
  code: 'cancelled_at_channel',
  message: 'The channel cancelled this charge; try again, or start over with a new orderId.',
};
const closedInTime: ChannelError = {
  code: 'cancelled_at_channel',
  message: "The channel closed this charge at the end of the payment's time; nobody had paid.",
};
