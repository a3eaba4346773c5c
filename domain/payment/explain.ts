import type { ChannelError } from './outcome';
import type { PaymentRules } from './plan';
import { waitsForChannel } from './no-channel';
import { isFinal, type PaymentStatus } from './status';
import { watchMs } from './watch';
import { nextInDispute, whyDisputed, whyPartDisputed, type ExplainedDispute } from './explain-dispute';
import { whereMoneyIs, type MoneyBeside } from './explain-money';
import { isRefused, nextWhenStuck, whyStuck, type StuckStep } from './explain-stuck';
import { nextOfUnfinished, whyUnheard, type Unfinished } from './explain-unfinished';

export interface Explained {
  status: PaymentStatus;
  lastError?: ChannelError;
  channel: string;
  attemptStatus: string;
  expiresAt: string;
  wakeAt?: string;
  rules?: PaymentRules;
  review?: string;
  attemptNo: number;
  /** Of a disputed payment, or of what is captured while more may be. */
  dispute?: ExplainedDispute;
  /** Of its own workflow. */
  stuck?: StuckStep;
  unfinished?: readonly Unfinished[];
  moneyBeside?: readonly MoneyBeside[];
}

export interface Next {
  what: string;
  /** By then at the latest; without one it depends on people alone. */
  by: string | null;
}

export interface Explanation {
  why: string;
  next: Next[];
}

/** Why a payment is where it is, and what happens next, when: from the same facts its workflow acts on. */
export function explain(payment: Explained): Explanation {
  const { status, stuck, unfinished = [] } = payment;
  const own = stuck === undefined ? [] : nextWhenStuck(isFinal(status) ? 'What is left to do' : 'It', stuck);
  const held = whatHolds(payment);
  // A dispute that came before its charge was seen waits for the payment, which goes on as it would without it.
  const goesOn = held === undefined || unfinished.some((one) => one.kind === 'event' && one.isOfDispute);
  const beside = unfinished.filter((one) => !isToldByStatus(payment, one)).flatMap(nextOfUnfinished);
  return {
    why: [held ?? why(payment), ...(payment.moneyBeside ?? []).map(whereMoneyIs)].join(' '),
    next: [...(goesOn ? next(payment) : []), ...own, ...beside],
  };
}

/** What its dispute waits for is what a disputed payment waits for. One of other money is its own matter. */
function isToldByStatus({ status, dispute }: Explained, one: Unfinished): boolean {
  if (one.kind !== 'dispute' || one.stuck !== undefined) return false;
  return status === 'disputed' && one.id === dispute?.id;
}

/** What keeps an open payment from being what its status says. Being in doubt is a status of its own. */
function whatHolds({ status, channel, stuck, unfinished = [] }: Explained): string | undefined {
  if (isFinal(status)) return undefined;
  if (stuck !== undefined && isRefused(stuck)) return whyStuck(channel, stuck);
  const told = unfinished.find((one) => one.kind === 'event');
  if (told !== undefined) return whyUnheard(told);
  return stuck === undefined || status === 'unknown' ? undefined : whyStuck(channel, stuck);
}

function why({ status, channel, lastError, attemptStatus, review, dispute }: Explained): string {
  switch (status) {
    case 'created':
    case 'pending':
      if (lastError !== undefined && waitsForChannel({ status, lastError })) return lastError.message;
      return `${channel} has been asked and has not answered yet.`;
    case 'review':
      return `An operator has to decide first: ${review ?? 'review was asked for'}.`;
    case 'requires_action':
      return attemptStatus === 'action_required'
        ? `The customer has not finished paying at ${channel}.`
        : `The last attempt failed (${lastError?.message ?? 'no reason given'}); another one may follow.`;
    case 'processing':
      return `The customer has done their part, as ${channel} said last; it has still to say how that ended.`;
    case 'authorized':
      return [
        `${channel} has reserved the money; it has not all been captured.`,
        ...(dispute === undefined ? [] : [whyPartDisputed(dispute)]),
      ].join(' ');
    case 'unknown':
      return `${channel} did not say what became of our call (${lastError?.message ?? 'no answer'}).`;
    case 'succeeded':
      return `${channel} confirmed that the money was charged.`;
    case 'partially_refunded':
      return 'It was paid, and a part has been given back.';
    case 'refunded':
      return 'It was paid, and all of it has been given back.';
    case 'disputed':
      return whyDisputed(dispute);
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'rejected':
      return lastError?.message ?? `It ended as ${status}.`;
  }
}

function next({
  status,
  channel,
  expiresAt,
  wakeAt = expiresAt,
  rules,
  attemptStatus,
  attemptNo,
  dispute,
  lastError,
}: Explained): Next[] {
  if (status === 'disputed') return nextInDispute(dispute);
  if (isFinal(status)) return isStillOpen(attemptStatus) ? [watched(channel)] : [];
  if (waitsForChannel({ status, lastError })) {
    return [
      { what: 'An operator takes it to a channel that works again, or gives it up.', by: null },
      { what: 'It expires; nothing was charged.', by: expiresAt },
    ];
  }
  switch (status) {
    case 'review':
      return [
        { what: 'An operator approves or rejects it.', by: null },
        {
          what:
            rules?.reviewAtDeadline === 'approve' ? 'It is approved by itself.' : 'It is rejected by itself.',
          by: wakeAt,
        },
      ];
    case 'authorized':
      return [
        { what: 'The merchant captures it, wholly or in part, or cancels what is left.', by: null },
        {
          what:
            rules?.captureAtDeadline === 'capture'
              ? 'What is left is captured by itself.'
              : 'What is left is released.',
          by: wakeAt,
        },
      ];
    case 'unknown':
      return [
        {
          what: `${channel} is asked again and again until it says; no other channel is tried before.`,
          by: null,
        },
      ];
    case 'requires_action': {
      const mayTryAgain = attemptStatus !== 'action_required' && attemptNo < (rules?.attemptsMax ?? 1);
      return [
        mayTryAgain
          ? { what: 'The merchant starts another attempt (POST /payments/{id}/attempts).', by: null }
          : { what: `The customer pays or declines, and ${channel} tells us.`, by: null },
        ...(wakeAt < expiresAt
          ? [{ what: `${channel} is asked whether it has been paid.`, by: wakeAt }]
          : []),
        {
          what:
            attemptStatus === 'action_required'
              ? `${channel} is asked once more, the charge is closed there, and the payment expires.`
              : `The payment expires; if ${channel} lets a charge be paid after a decline, it is closed there first.`,
          by: expiresAt,
        },
      ];
    }
    case 'processing':
      return [
        { what: `${channel} tells how it ended, or is asked.`, by: wakeAt },
        ...(wakeAt <= expiresAt
          ? [
              {
                what: `Its time is over. It stays open until ${channel} says how it ended, or, where it can tell so, that it does not work on it any more.`,
                by: expiresAt,
              },
            ]
          : []),
        {
          what: `It expires, whatever ${channel} says.`,
          by: new Date(Date.parse(expiresAt) + watchMs).toISOString(),
        },
      ];
    default:
      return [{ what: `${channel} answers, or is asked.`, by: wakeAt }];
  }
}

/** The payment has ended and its charge has not: an older one was paid, or the channel can't close it. */
function isStillOpen(attemptStatus: string): boolean {
  return ['action_required', 'processing', 'authorized'].includes(attemptStatus);
}

function watched(channel: string): Next {
  const what = `${channel} is asked until its charge is over; what is paid there now is held in suspense.`;
  return { what, by: null };
}
