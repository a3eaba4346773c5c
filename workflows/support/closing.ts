import { patched } from '@temporalio/workflow';
import type { OpenedPayment } from '../../activities/payment/contracts';
import type { ChargeStatus } from '../../domain/payment/outcome';
import type { AttemptStatus } from '../../domain/payment/react';
import { parseAttemptReference } from '../../domain/payment/reference';
import type { SignalledEvent } from '../contracts';
import { regular } from './activities';
import { attentionFor, type Attention } from './attention';
import type { Desk } from './desk';
import { lookAt } from './doubts';
import { untilNews } from './steps';

/** What became of the wish that nobody can pay any longer. */
export type Closed =
  /** Nobody can; or nobody has begun it, and it is watched from now on. */
  | { kind: 'released'; isUnbegun?: boolean }
  | { kind: 'paid' | 'reserved' | 'processing'; status: ChargeStatus }
  /** The channel does not close it: it can still be paid. */
  | { kind: 'open' }
  /** Nobody could say, for a day or for good. */
  | { kind: 'unasked'; attention: Attention }
  /** Something was told before the channel answered. */
  | { kind: 'news' };

export async function closeCharge(
  current: OpenedPayment,
  desk: Desk,
  usual: Attention,
  mayInterrupt?: () => boolean,
): Promise<Closed> {
  let status: ChargeStatus | undefined;
  // Runs from before wait for the answer however long it takes.
  let hasBound = false as boolean;
  try {
    status = await untilNews(desk.mail, () => regular.closeCharge(current), {
      mayInterrupt,
      isDeafTo: () => isOnlyEcho(current, desk.mail),
      deafForMs: () => {
        hasBound = patched('closing-told-unanswered');
        return hasBound ? answerWithinMs : undefined;
      },
    });
    if (hasBound) status ??= await toldInstead(current, desk.mail);
  } catch (error) {
    desk.unansweredClosing = current.attempt.attemptNo;
    return { kind: 'unasked', attention: attentionFor(error, usual) };
  }
  switch (status?.kind) {
    case undefined:
      desk.unansweredClosing = current.attempt.attemptNo;
      return { kind: 'news' };
    case 'succeeded':
      return { kind: 'paid', status };
    case 'authorized':
      return { kind: 'reserved', status };
    case 'processing':
      return { kind: 'processing', status };
    case 'open':
    case 'unknown':
      return { kind: 'open' };
    case 'declined':
    case 'cancelled':
      return { kind: 'released' };
    case 'not_found':
      if (status.mayBegin !== true || !patched('watch-unbegun-charge')) return { kind: 'released' };
      desk.unbegun.set(current.attempt.attemptNo, current);
      return { kind: 'released', isUnbegun: true };
  }
}

/** So long the answer itself is waited for when the channel has told what it does: most come at the first try. */
const answerWithinMs = 3_000;

/**
 * The answer does not come, and what the channel tells stands for it. A reservation may be from before the closing, so
 * the channel is asked what became of it. Undefined: something else came, or it is not closed.
 */
async function toldInstead(
  current: OpenedPayment,
  mail: readonly SignalledEvent[],
): Promise<ChargeStatus | undefined> {
  if (!isOnlyEcho(current, mail)) return undefined;
  if (mail.every((told) => isEcho(current, told))) return mail.at(-1)?.event.status;
  const seen = await lookAt(current, current.wakeAt);
  return seen.kind === 'cancelled' || seen.kind === 'succeeded' ? seen : undefined;
}

/**
 * All that has come is what our own closing makes the channel tell, or that the customer reserved what we close: both
 * may come before the answer to our call. It is the answer that counts, and nothing that the channel did by itself.
 */
export function isOnlyEcho(current: OpenedPayment, mail: readonly SignalledEvent[]): boolean {
  const isWaitedOut = (told: SignalledEvent) =>
    isEcho(current, told) || (isReservation(current, told) && patched('closing-outweighs-reservation'));
  return mail.every(isWaitedOut) && patched('closing-is-not-news');
}

function isEcho(current: OpenedPayment, told: SignalledEvent): boolean {
  const { status } = told.event;
  return isAboutIt(current, told) && (status.kind === 'cancelled' || isOnBooks(current, status));
}

/** Our call may have given it back by now, of which not every channel tells. */
function isReservation(current: OpenedPayment, told: SignalledEvent): boolean {
  return isAboutIt(current, told) && told.event.status.kind === 'authorized';
}

function isAboutIt({ attempt }: OpenedPayment, { event }: SignalledEvent): boolean {
  return parseAttemptReference(event.reference)?.attemptNo === attempt.attemptNo;
}

/** A charge that holds nothing but what was captured of it: the channel calls it paid, and the rest is let go. */
export function isOnBooks({ state, request }: OpenedPayment, status: ChargeStatus): boolean {
  if (status.kind !== 'succeeded') return false;
  const { amountMinor, currency } = status.charge;
  return currency === request.currency && BigInt(amountMinor) <= BigInt(state.capturedMinor ?? 0);
}

/** For steps that mail could not interrupt before. */
export function interruptible(): boolean {
  return patched('news-interrupts-closing');
}

const openAttempts: ReadonlySet<AttemptStatus> = new Set([
  'sending',
  'action_required',
  'processing',
  'authorized',
  'unknown',
]);

export function isLeftOpen({ attempt }: OpenedPayment): boolean {
  return openAttempts.has(attempt.status) || attempt.isStillPayable === true;
}

/** Its charge has just been closed: a decline there leaves nothing any more that anybody could pay. */
export function asClosed(current: OpenedPayment): OpenedPayment {
  return { ...current, attempt: { ...current.attempt, isStillPayable: undefined } };
}
