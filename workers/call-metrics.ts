import type { BreakerState } from '../integrations/breaker';
import type { CallMetrics } from '../integrations/call';
import type { Metrics } from '../telemetry/metrics';

/** Also tells those who decide by it that a breaker changed. */
export function callMetrics(
  metrics: Metrics,
  told: (instance: string, state: BreakerState) => void,
): CallMetrics {
  const duration = metrics.histogram({
    name: 'durapay_integration_call_duration_seconds',
    help: 'Calls to third parties by service, operation and outcome.',
    labels: ['service', 'operation', 'outcome'],
    bucketsSeconds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const breakers = metrics.counter({
    name: 'durapay_integration_breaker_changes_total',
    help: 'How often a breaker changed into a state.',
    labels: ['service', 'instance', 'state'],
  });
  const heldBack = metrics.counter({
    name: 'durapay_integration_held_back_total',
    help: 'Calls that were not made because our own limit for the service was used up.',
    labels: ['service', 'instance'],
  });
  return {
    heldBack: (labels) => heldBack.inc(labels),
    called: (labels, seconds) => duration.observe(labels, seconds),
    breakerChanged(labels, state) {
      breakers.inc({ ...labels, state });
      told(labels.instance, state);
    },
  };
}
