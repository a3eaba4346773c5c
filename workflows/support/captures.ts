import type { OpenedPayment } from '../../activities/payment/contracts';
import { regular } from './activities';
import { attentionFor, callForAttention } from './attention';
import type { Desk } from './desk';
import { rejoin } from './writing';

/**
 * Captures that were sent and whose end nobody wrote down are brought to it, each under its own number, before
 * anything new is begun. Undefined: that can't be done now.
 */
export async function finishCaptures(current: OpenedPayment, desk: Desk): Promise<OpenedPayment | undefined> {
  try {
    const after = rejoin(current, await regular.finishCaptures(current));
    if (desk.isCaptureInDoubt) callForAttention(undefined);
    desk.isCaptureInDoubt = false;
    return after;
  } catch (error) {
    leaveCapture(desk, error);
    return undefined;
  }
}

/** Nobody knows what became of a capture, for a day or for good. */
export function leaveCapture(desk: Desk, error: unknown): void {
  callForAttention(attentionFor(error, 'unconfirmed_capture'));
  desk.isCaptureInDoubt = true;
}
