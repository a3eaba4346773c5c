import type { Queryable } from '../db/pool';
import { sealLagSeconds } from '../db/stores/ledger-blocks-store';
import type { Metrics } from '../telemetry/metrics';

/** Read when somebody scrapes: whether sealing keeps up, for what waits is read with every balance. */
export function watchSealing(metrics: Metrics, database: Queryable): void {
  metrics.gauge({
    name: 'durapay_ledger_seal_lag_seconds',
    help: 'Seconds since the first journal was written that no block has yet; a second or two is usual.',
    labels: [],
    collect: async () => [{ labels: {}, value: await sealLagSeconds(database) }],
  });
}
