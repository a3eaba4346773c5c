import type { CallbackOutcome } from '../../integrations/callbacks/deliver';
import type { Metrics } from '../../telemetry/metrics';

/** Why a callback went from the relay to its workflow. */
export type HandOverReason = 'failed' | 'endpoint_failing' | 'endpoint_slow';

export interface CallbackMetrics {
  tried(outcome: CallbackOutcome['kind'], durationMs: number): void;
  handedOver(reason: HandOverReason): void;
  /** From the commit of the change to the answer of the merchant, for those that the first try delivered. */
  deliveredAfter(delayMs: number): void;
}

export function createCallbackMetrics(metrics: Pick<Metrics, 'counter' | 'histogram'>): CallbackMetrics {
  const tries = metrics.histogram({
    name: 'durapay_callback_try_duration_seconds',
    help: 'How long one try of a callback took, by outcome.',
    labels: ['outcome'],
    bucketsSeconds: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const handedOver = metrics.counter({
    name: 'durapay_callbacks_handed_over_total',
    help: 'Callbacks that the relay left to a workflow, by reason.',
    labels: ['reason'],
  });
  const delay = metrics.histogram({
    name: 'durapay_callback_delay_seconds',
    help: 'From the commit of a change to the merchant having it, when the first try delivered.',
    labels: [],
    bucketsSeconds: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  return {
    tried: (outcome, durationMs) => tries.observe({ outcome }, durationMs / 1_000),
    handedOver: (reason) => handedOver.inc({ reason }),
    deliveredAfter: (delayMs) => delay.observe(Math.max(0, delayMs) / 1_000),
  };
}
