import type { Queryable } from '../../db/pool';
import { takeHandedOver } from '../../db/stores/callback-store';
import type { Log } from '../../telemetry/log';

export interface SweepCallbacksDeps {
  database: Queryable;
  resumeCallback(eventId: string): Promise<'resumed' | 'running'>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/** The longest that a callback without a workflow waits to be found. */
const lookMsMax = 3_600_000;

/** A callback that was handed over to a workflow which Temporal has lost gets a new one. */
export function createSweepCallbacks({
  database,
  resumeCallback,
  log,
  overdueMs,
  batchMax,
}: SweepCallbacksDeps) {
  return async function sweepCallbacks(): Promise<{ resumed: number; running: number }> {
    const count = { resumed: 0, running: 0 };
    const looks = { firstMs: overdueMs, msMax: Math.max(lookMsMax, overdueMs), limit: batchMax };
    for (const eventId of await takeHandedOver(database, looks)) {
      const found = await resumeCallback(eventId);
      count[found] += 1;
      if (found === 'resumed') log.warn({ eventId }, 'a callback had no workflow and was given one');
    }
    return count;
  };
}
