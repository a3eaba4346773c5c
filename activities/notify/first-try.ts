import type { CallbackTry, ClaimedEvent, Settlement } from '../../db/stores/outbox-store';
import type { EndpointGates } from '../../integrations/callbacks/endpoint-gates';
import type { Log } from '../../telemetry/log';
import type { CallbackMetrics, HandOverReason } from './callback-metrics';
import type { CallbackTarget, CallbackTargets } from './callback-target';
import type { SendCallback } from './send-callback';
import { createWorkflowStarts, type StartCallbackWorkflow } from './workflow-starts';

export interface FirstTryDeps {
  send: SendCallback;
  targets: CallbackTargets;
  gates: EndpointGates;
  startCallbackWorkflow: StartCallbackWorkflow;
  metrics: CallbackMetrics;
  log: Log;
  leaseMs: number;
}

export interface Stopping {
  /** No new try is begun. */
  soft: AbortSignal;
  /** What is under way is cut off. */
  hard: AbortSignal;
}

/** Decides what becomes of one claimed event. `mayTry` is asked last, right before the call. */
export type FirstTry = (
  event: ClaimedEvent,
  mayTry: () => boolean,
  stopping: Stopping,
) => Promise<Settlement>;

/** When too many starts wait already, a callback rests in the outbox for so long. */
const busyMs = 1_000;

export function createFirstTry(deps: FirstTryDeps): FirstTry {
  const { leaseMs } = deps;
  const start = createWorkflowStarts(deps.startCallbackWorkflow);

  async function handOver(
    event: ClaimedEvent,
    reason: HandOverReason,
    tried?: CallbackTry,
  ): Promise<Settlement> {
    const started = await start(event.id);
    switch (started.kind) {
      case 'started':
        deps.metrics.handedOver(reason);
        return { eventId: event.id, fence: event.fence, status: 'handed_over', tried };
      case 'busy':
        return keep(event, busyMs, tried);
      case 'away':
        if (started.error !== undefined)
          deps.log.warn({ err: started.error }, 'callback workflow not started');
        return keep(event, leaseMs, tried);
    }
  }

  async function callAt(
    target: CallbackTarget,
    event: ClaimedEvent,
    mayTry: () => boolean,
    stopping: Stopping,
  ): Promise<Settlement> {
    const admission = await deps.gates.enter(event.endpointId, { signal: stopping.soft });
    if (admission.kind === 'stopped') return keep(event, 0);
    if (admission.kind === 'failing') return handOver(event, 'endpoint_failing');
    if (admission.kind === 'slow') return handOver(event, 'endpoint_slow');
    if (!mayTry()) {
      admission.giveBack();
      return keep(event, 0);
    }
    const { outcome, tried } = await deps.send(event, target, stopping.hard);
    const wasCutOff = outcome.kind !== 'delivered' && stopping.hard.aborted;
    if (wasCutOff) {
      admission.giveBack();
      return keep(event, 0);
    }
    admission.leave(outcome.kind === 'delivered');
    if (outcome.kind !== 'delivered') return handOver(event, 'failed', tried);
    deps.metrics.deliveredAfter(Date.now() - event.createdAt.getTime());
    return { eventId: event.id, fence: event.fence, status: 'delivered', tried };
  }

  return async (event, mayTry, stopping) => {
    const target = await deps.targets(event.endpointId);
    if (target?.isEnabled !== true) {
      const tried = { at: new Date(), durationMs: 0, statusCode: null, answer: 'endpoint switched off' };
      return { eventId: event.id, fence: event.fence, status: 'abandoned', tried };
    }
    return callAt(target, event, mayTry, stopping);
  };
}

/** Stays in the outbox; may be claimed again when `leaseForMs` is over. */
function keep(event: ClaimedEvent, leaseForMs: number, tried?: CallbackTry): Settlement {
  return { eventId: event.id, fence: event.fence, status: 'pending', leaseForMs, tried };
}
