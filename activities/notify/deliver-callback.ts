import type { Queryable } from '../../db/pool';
import { loadCallback, recordCallbackTry } from '../../db/stores/callback-store';
import type { EndpointGates } from '../../integrations/callbacks/endpoint-gates';
import { failure, failureUntil } from '../failures';
import type { CallbackTargets } from './callback-target';
import type { SendCallback } from './send-callback';

export interface DeliverCallbackDeps {
  database: Queryable;
  targets: CallbackTargets;
  gates: EndpointGates;
  send: SendCallback;
}

export interface DeliverCallback {
  eventId: string;
  /** Asked for by hand: sent even if it was delivered before. */
  isResend: boolean;
}

const busyMsMax = 10_000;

/** One try of a callback that its workflow repeats: sent, and written down with its number. */
export function createDeliverCallback(deps: DeliverCallbackDeps) {
  return async function deliverCallback({ eventId, isResend }: DeliverCallback): Promise<{ tryNo?: number }> {
    const event = await loadCallback(deps.database, eventId);
    if (event === undefined) throw failure('CallbackPointless', 'The event is no longer kept.');
    // The relay may have got it through after all, while it thought that this workflow had to.
    if (event.status === 'delivered' && !isResend) return {};
    const target = await deps.targets(event.endpointId);
    if (target?.isEnabled !== true) throw failure('CallbackPointless', 'The endpoint is switched off.');

    const admission = await deps.gates.enter(event.endpointId, { evenIfFailing: true });
    if (admission.kind !== 'entered') {
      const soon = busyMsMax * (0.5 + Math.random() / 2);
      throw failureUntil('EndpointBusy', 'The endpoint has as many callbacks in hand as it may.', soon);
    }
    const { outcome, tried } = await deps.send(event, target);
    const isDelivered = outcome.kind === 'delivered';
    admission.leave(isDelivered);
    const tryNo = await recordCallbackTry(deps.database, eventId, tried, isDelivered);
    if (isDelivered) return { tryNo };
    throw failure('CallbackNotTaken', `Try ${tryNo}: ${tried.statusCode ?? tried.answer}`);
  };
}
