import type { Database } from '../../db/pool';
import { takeUnsettled, type UnsettledArrival } from '../../db/stores/webhook-inbox-store';
import type { Log } from '../../telemetry/log';

export interface SweepWebhooksDeps {
  database: Database;
  deliverEvent(arrival: UnsettledArrival): Promise<void>;
  log: Log;
  afterMs: number;
  batchMax: number;
}

/** Signals again what was received and not applied: the signal was lost, or nobody was there to hear it. */
export function createSweepWebhooks({ database, deliverEvent, log, afterMs, batchMax }: SweepWebhooksDeps) {
  return async function sweepWebhooks(): Promise<{ delivered: number; failed: number }> {
    const arrivals = await takeUnsettled(database, new Date(Date.now() - afterMs), batchMax);
    const results = await Promise.allSettled(arrivals.map(deliverEvent));
    const failures = results.filter((result) => result.status === 'rejected');
    for (const { reason } of failures)
      log.warn({ err: reason as unknown }, 'an event could not be delivered; the next sweep tries again');
    return { delivered: arrivals.length - failures.length, failed: failures.length };
  };
}
