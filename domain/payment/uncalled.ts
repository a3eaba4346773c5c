import type { ChannelError } from './outcome';
import type { AttemptStatus } from './react';

/** Planned for a channel, and ended before anything was sent there: the payment was over first, or another was chosen. */
export const notCalledCode = 'not_called';

/** The channel was found gone or switched off just before the call. */
const goneBefore: ReadonlySet<string> = new Set(['channel_switched_off', 'channel_not_configured']);

/** Whether it is certain that nothing was sent to the channel for this attempt. */
export function isUncalled(status: AttemptStatus, error?: Pick<ChannelError, 'code'> | null): boolean {
  if (status === 'planned' || error?.code === notCalledCode) return true;
  return status === 'unavailable' && error != null && goneBefore.has(error.code);
}
