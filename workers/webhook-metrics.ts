import type { Queryable } from '../db/pool';
import { countSetAside } from '../db/stores/webhook-inbox-store';
import type { Metrics } from '../telemetry/metrics';

/** Read when somebody scrapes: what channels told, can not be applied, and waits for an operator. */
export function watchEventsSetAside(metrics: Metrics, database: Queryable): void {
  metrics.gauge({
    name: 'durapay_events_set_aside',
    help: 'Events of a channel that could not be applied and were set aside for an operator, all there are.',
    labels: ['channel'],
    collect: async () =>
      (await countSetAside(database)).map(({ channel, count }) => ({ labels: { channel }, value: count })),
  });
}
