import type { StoredPayment } from '../../db/stores/payments-store';
import type { CurrentAttempt, OpenedPayment } from './contracts';

/** A payment for a workflow to go on with, as its rows have it. */
export function toOpened(stored: StoredPayment, wakeAt: string): OpenedPayment {
  const { attempt, plan } = stored;
  const tried = plan.routing.chosen.indexOf(attempt.channelConfigId);
  return {
    kind: 'open',
    request: stored.request,
    state: stored.state,
    callbackEndpointId: plan.callbackEndpointId,
    rules: plan.rules,
    fees: plan.fees,
    conversion: plan.conversion,
    attempt: toCurrent(attempt),
    channelsLeft: plan.routing.chosen.slice(tried + 1),
    wakeAt: stored.wakeAt?.toISOString() ?? wakeAt,
  };
}

export function toCurrent(attempt: StoredPayment['attempt']): CurrentAttempt {
  return {
    attemptNo: attempt.attemptNo,
    channelConfigId: attempt.channelConfigId,
    channel: attempt.channel,
    status: attempt.status,
    providerRef: attempt.providerRef,
    sentAt: attempt.sentAt.toISOString(),
    method: attempt.method,
  };
}
