import type { Database } from '../../db/pool';
import { takeWaitingSuspense } from '../../db/stores/suspense-store';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';

export interface SweepSuspenseDeps {
  database: Database;
  startSuspense(key: SuspenseKey): Promise<'started' | 'running'>;
  overdueMs: number;
  batchMax: number;
}

/** Money in suspense whose workflow never began, or is gone, gets one. */
export function createSweepSuspense({ database, startSuspense, overdueMs, batchMax }: SweepSuspenseDeps) {
  return async function sweepSuspense(): Promise<{ suspenseStarted: number; suspenseRunning: number }> {
    const count = { started: 0, running: 0 };
    for (const key of await takeWaitingSuspense(database, new Date(Date.now() - overdueMs), batchMax)) {
      count[await startSuspense(key)] += 1;
    }
    return { suspenseStarted: count.started, suspenseRunning: count.running };
  };
}
