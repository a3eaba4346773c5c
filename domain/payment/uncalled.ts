import type { ChannelError } from './outcome';
import type { AttemptStatus } from './react';

/** Planned for a channel, and ended before anything was sent there: the payment was over first, or another was chosen. */
export const notCalledCode = 'not_called';

/** Given up before the customer had begun it at the channel, which can't take back what the customer was given. */
export const neverBegunCode = 'never_begun';

/** The channel was gone or switched off, we held the call back ourselves, or there was no connection to write it to. */
const neverSent: ReadonlySet<string> = new Set([
  'channel_switched_off',
  'channel_not_configured',
  'circuit_open',
  'channel_busy',
  'connection_refused',
  'tls_failed',
]);

/** Said by the channel, with its own code, after it was called; or by us, without one, instead of calling it. */
const saidByEither: ReadonlySet<string> = new Set([
  'rate_limited',
  'channel_misconfigured',
  'request_rejected',
  'amount_not_supported',
  'currency_not_supported',
  'method_not_supported',
  'capture_not_supported',
]);

/** Whether it is certain that nothing was sent to the channel for this attempt. */
export function isUncalled(
  status: AttemptStatus,
  error?: Pick<ChannelError, 'code' | 'rawCode'> | null,
): boolean {
  if (status === 'planned' || error?.code === notCalledCode) return true;
  if (status !== 'unavailable' || error == null) return false;
  return neverSent.has(error.code) || (saidByEither.has(error.code) && error.rawCode === undefined);
}
