import { patched } from '@temporalio/workflow';
import type { OpenedPayment } from '../../activities/payment/contracts';
import { isOverdue } from '../../domain/payment/command';
import type { ChargeStatus } from '../../domain/payment/outcome';
import { local, regular } from './activities';
import type { Desk } from './desk';
import { promptly } from './steps';

/** What the channel says now, where news alone does not tell. */
export function lookAt(current: OpenedPayment, wakeAt: string): Promise<ChargeStatus> {
  return promptly(
    () => local.pollCharge(current, wakeAt),
    () => regular.pollCharge(current, wakeAt),
  );
}

/**
 * News may overtake one another: of a decline that the customer has long made good, for instance. Whether the
 * reservation is gone is for the channel to say now.
 */
export function endsReservation(
  { state, attempt }: OpenedPayment,
  attemptNo: number,
  news: ChargeStatus,
): boolean {
  const isAboutIt = state.status === 'authorized' && attemptNo === attempt.attemptNo;
  return isAboutIt && (news.kind === 'declined' || news.kind === 'cancelled');
}

/** The same between a decline and the customer's next try at one charge: the last of them to come need not be the newer. */
export function mayBeOutrun(
  { state, attempt }: OpenedPayment,
  attemptNo: number,
  news: ChargeStatus,
): boolean {
  if (attemptNo !== attempt.attemptNo) return false;
  if (news.kind === 'processing') return attempt.status === 'declined' || attempt.status === 'cancelled';
  return state.status === 'processing' && (news.kind === 'declined' || news.kind === 'cancelled');
}

/** An event from before it was in process must not bring it back. */
export function isReopened(
  { state, attempt }: OpenedPayment,
  attemptNo: number,
  news: ChargeStatus,
): boolean {
  const isAboutIt = state.status === 'processing' && attemptNo === attempt.attemptNo;
  return isAboutIt && news.kind === 'open' && patched('look-before-reopening');
}

/**
 * A reservation by an attempt that has ended, or at a charge that we have tried to close: it may be gone by now, and no
 * channel has to tell of what we closed ourselves.
 */
export function isReservedLate(
  { state, attempt, request }: OpenedPayment,
  { unansweredClosing }: Desk,
  attemptNo: number,
  news: ChargeStatus,
): boolean {
  if (news.kind !== 'authorized' || attemptNo !== attempt.attemptNo) return false;
  // Reserved already, or what ends a doubt: nothing was closed then.
  if (state.status === 'authorized' || state.status === 'unknown') return false;
  const hasEnded = attempt.status === 'declined' || attempt.status === 'cancelled';
  const mayBeClosed = unansweredClosing === attemptNo || isOverdue(request);
  return (hasEnded || mayBeClosed) && patched('look-at-late-reservation');
}
