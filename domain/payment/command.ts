import { waitsForChannel } from './no-channel';
import type { ChannelError } from './outcome';
import type { PaymentRequest } from './request';
import type { PaymentState } from './state';
import { isFinal } from './status';

export type CommandKind = 'capture' | 'cancel' | 'attempt' | 'review' | 'retry';

/** Why a payment will not do what it is asked, whoever asks. */
export type RefusedBecause =
  | 'payment_closed'
  | 'payment_in_doubt'
  | 'not_capturable'
  | 'not_cancellable'
  | 'not_retryable'
  | 'not_in_review'
  | 'not_in_queue'
  | 'attempts_exhausted'
  | 'attempt_begun'
  | 'capture_exceeds_authorized'
  | 'already_paid'
  | 'channel_refused';

/** The rule that needs nothing but the state; the workflow asks it before it accepts a command. */
export function refusalOf(state: PaymentState, kind: CommandKind): RefusedBecause | undefined {
  const { status } = state;
  if (isFinal(status)) return 'payment_closed';
  // Nothing is under way: it may be tried again by the merchant or an operator, or given up.
  if (waitsForChannel(state)) {
    if (kind === 'attempt' || kind === 'retry' || kind === 'cancel') return undefined;
    return kind === 'capture' ? 'not_capturable' : 'not_in_review';
  }
  if (status === 'unknown' || status === 'pending') return 'payment_in_doubt';
  switch (kind) {
    case 'capture':
      return status === 'authorized' ? undefined : 'not_capturable';
    case 'cancel':
      // Of what was reserved the rest can still be let go; what is captured is given back by a refund.
      return status === 'authorized' || !isPartCaptured(state) ? undefined : 'not_cancellable';
    case 'attempt':
      return status === 'requires_action' ? undefined : 'not_retryable';
    case 'review':
      return status === 'review' ? undefined : 'not_in_review';
    case 'retry':
      return 'not_in_queue';
  }
}

/** Its time is over and it is about to expire: an attempt that is begun now would be closed at once. */
export function isOverdue({ expiresAt }: Pick<PaymentRequest, 'expiresAt'>): boolean {
  return Date.now() >= Date.parse(expiresAt);
}

/** A channel's clock may be ahead of ours by so much, and no customer pays with another attempt in what is left. */
const clocksApartMs = 2_000;

/** At the channel a charge ends with its payment's time, perhaps before we see that time over. */
export function isTimeUp({ expiresAt }: Pick<PaymentRequest, 'expiresAt'>): boolean {
  return Date.now() >= Date.parse(expiresAt) - clocksApartMs;
}

export const overdue: ChannelError = {
  code: 'expired',
  message: 'The time of the payment is over, and it expires.',
};

/** What is captured stays paid, whatever becomes of the rest. */
export function isPartCaptured({ capturedMinor = '0' }: PaymentState): boolean {
  return BigInt(capturedMinor) > 0n;
}

/** What names a command as the cause of a change, so that the same request is the same command. */
export function commandKey(kind: CommandKind, commandId: string): string {
  return `${kind}:${commandId}`;
}

export function captureKey(commandId: string): string {
  return commandKey('capture', commandId);
}

const released = 'release:';

/** Of a cancellation that let the rest of a reservation go: one that found the rest taken is refused, and writes under its own key. */
export function releaseKey(commandId: string): string {
  return `${released}${commandId}`;
}

export function isReleaseKey(key = ''): boolean {
  return key.startsWith(released);
}
