import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Database } from '../../db/pool';
import type { Finding } from './finding';
import { allSettled } from './invariants/all-settled';

const lookEveryMs = 1_000;

/** Until nothing is open any more, or the time is over; what is left then is the finding. */
export async function converge(
  database: Database,
  temporal: Client,
  how: { withinMs: number; say: (line: string) => void; signal: AbortSignal },
): Promise<Finding> {
  const from = Date.now();
  let said = from;
  for (;;) {
    how.signal.throwIfAborted();
    const finding = await allSettled(database, temporal);
    if (finding.offenders.length === 0 || Date.now() - from > how.withinMs) return finding;
    if (Date.now() - said > 10_000) {
      said = Date.now();
      how.say(`${finding.offenders.length} still open, such as: ${finding.offenders[0]}`);
    }
    await sleep(lookEveryMs);
  }
}
