import type { Database } from '../../db/pool';
import { overdueMessages } from '../../db/stores/messages-store';
import type { Log } from '../../telemetry/log';

export interface SweepMessagesDeps {
  database: Database;
  resumeMessage(messageId: string): Promise<'resumed' | 'running'>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/** A message whose workflow should have looked long ago never got one, or has none any more: it gets one. */
export function createSweepMessages(deps: SweepMessagesDeps) {
  const { database, resumeMessage, log, overdueMs, batchMax } = deps;

  return async function sweepMessages(): Promise<{ resumed: number; running: number }> {
    const count = { resumed: 0, running: 0 };
    for (const messageId of await overdueMessages(database, new Date(Date.now() - overdueMs), batchMax)) {
      const found = await resumeMessage(messageId);
      count[found] += 1;
      if (found === 'resumed') log.warn({ messageId }, 'a message had no workflow and was resumed');
    }
    return count;
  };
}
