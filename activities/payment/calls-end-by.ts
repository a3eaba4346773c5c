import type { CurrentAttempt } from './contracts';
import type { PaymentTimings } from './deps';

/**
 * When no call for this attempt can be under way any more, whoever makes it: one begun in time has its whole time, and
 * a repeated one what is left of it.
 */
export function callsEndBy(
  { sentAt }: Pick<CurrentAttempt, 'sentAt'>,
  {
    channelFastTimeoutMs,
    channelTimeoutMs,
  }: Pick<PaymentTimings, 'channelFastTimeoutMs' | 'channelTimeoutMs'>,
): number {
  return Date.parse(sentAt) + channelFastTimeoutMs + channelTimeoutMs;
}
