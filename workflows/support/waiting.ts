import type { OpenedPayment } from '../../activities/payment/contracts';
import { waitsForChannel } from '../../domain/payment/no-channel';

/**
 * What a payment's timer stands for, for whoever opens it in Temporal UI. One short line: Temporal takes 400 bytes, and it
 * is sealed as every payload is. `domain/payment/explain` tells the same at length.
 */
export function waitingFor({ state, request, rules, attempt, wakeAt }: OpenedPayment): string {
  const expiry = `until ${moment(request.expiresAt)}, then expires`;
  if (waitsForChannel(state)) return `Waits for a channel, or for an operator, ${expiry}`;
  switch (state.status) {
    case 'review':
      return `Waits for an operator's decision until ${moment(wakeAt)}, then is ${rules?.reviewAtDeadline === 'approve' ? 'approved' : 'rejected'}`;
    case 'authorized':
      return `Waits for a capture until ${moment(wakeAt)}, then ${rules?.captureAtDeadline === 'capture' ? 'captures' : 'releases'} the rest`;
    case 'requires_action':
      if (attempt.status !== 'action_required') return `Waits for another attempt ${expiry}`;
      return `Waits for the customer ${expiry}${asks(attempt.channel, wakeAt, request.expiresAt)}`;
    case 'processing':
      return `Waits for ${attempt.channel}, which works on it; asks at ${moment(wakeAt)}`;
    default:
      return `Waits for ${attempt.channel} ${expiry}${asks(attempt.channel, wakeAt, request.expiresAt)}`;
  }
}

function asks(channel: string, wakeAt: string, expiresAt: string): string {
  return Date.parse(wakeAt) < Date.parse(expiresAt) ? `; asks ${channel} at ${moment(wakeAt)}` : '';
}

function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
