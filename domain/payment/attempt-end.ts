import type { ChannelError } from './outcome';
import type { AttemptStatus } from './react';
import { notCalledCode } from './uncalled';

const ended: ReadonlySet<AttemptStatus> = new Set([
  'declined',
  'unavailable',
  'cancelled',
  'expired',
  'succeeded',
]);

/**
 * How an attempt ends with its payment. Undefined: it has ended before, and what it came to, with the channel's own
 * code, stays as it is.
 */
export function attemptEnd(
  attempt: AttemptStatus,
  as: 'cancelled' | 'expired',
): { status: AttemptStatus; error?: ChannelError } | undefined {
  if (attempt === 'planned') return { status: as, error: neverSent };
  return ended.has(attempt) ? undefined : { status: as };
}

const neverSent: ChannelError = {
  code: notCalledCode,
  message: 'The payment ended before anything was sent to this channel.',
};
