import type { DisputeNews } from '../payment/outcome';
import type { PaymentStatus } from '../payment/status';

export const disputeStatuses = ['needs_response', 'under_review', 'won', 'lost'] as const;
export type DisputeStatus = (typeof disputeStatuses)[number];

export function isDisputeOver(status: DisputeStatus): boolean {
  return status === 'won' || status === 'lost';
}

export const disputeFundsStates = ['withheld', 'returned', 'taken', 'untouched'] as const;
export type DisputeFunds = (typeof disputeFundsStates)[number];

/** What became of the merchant's money by it: nothing, where the disputed money is not theirs. */
export function disputeFunds(dispute: { status: DisputeStatus; takenFrom?: string }): DisputeFunds {
  if (dispute.takenFrom === undefined) return 'untouched';
  if (dispute.status === 'won') return 'returned';
  return dispute.status === 'lost' ? 'taken' : 'withheld';
}

/**
 * The steps that news brings about. A dispute only moves forward: one whose end is told first is opened and ended
 * at once, and news of its beginning that comes late, or again, changes nothing.
 */
export function disputeSteps(
  status: DisputeStatus | undefined,
  news: Pick<DisputeNews, 'state'>,
): DisputeStatus[] {
  if (status !== undefined && (isDisputeOver(status) || news.state === 'opened')) return [];
  const opening: DisputeStatus[] = status === undefined ? ['needs_response'] : [];
  return news.state === 'opened' ? opening : [...opening, news.state];
}

/** What a payment is when its last open dispute has ended. */
export function statusAfterDispute(money: { captured: bigint; refunded: bigint }): PaymentStatus {
  if (money.refunded >= money.captured) return 'refunded';
  return money.refunded > 0n ? 'partially_refunded' : 'succeeded';
}

export interface DisputeClock {
  status: DisputeStatus;
  evidenceDueAt?: Date;
  isReminded: boolean;
}

export type DisputeMoment = { at: Date; what: 'remind' | 'deadline' };

/**
 * What time will bring, or undefined: nothing but the channel's decision is waited for. A deadline that is near
 * from the beginning is not reminded of: the opening itself has just told it.
 */
export function nextMoment(
  dispute: DisputeClock & { createdAt: Date },
  remindBeforeMs: number,
): DisputeMoment | undefined {
  const { status, evidenceDueAt, isReminded, createdAt } = dispute;
  if (status !== 'needs_response' || evidenceDueAt === undefined) return undefined;
  const remindAt = new Date(evidenceDueAt.getTime() - remindBeforeMs);
  return !isReminded && remindAt > createdAt
    ? { at: remindAt, what: 'remind' }
    : { at: evidenceDueAt, what: 'deadline' };
}
