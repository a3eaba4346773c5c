import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../stack/child';
import { hasNamespace } from '../stack/temporal';

/** What SQLite says to everything once a request was cut off at the wrong moment; nothing but a new start ends it. */
const stuck = /interrupted \(9\)/;

export interface TemporalWatch {
  address: string;
  namespace: string;
  report: (line: string) => void;
  /** Ends the watch. */
  signal: AbortSignal;
  everyMs?: number;
  answerWithinMs?: number;
}

/**
 * Temporal's dev server has one connection to its database. On a machine so busy that requests run out of time, one that
 * is cut off can leave that connection interrupted for good: the server runs, says that it is well, and answers nothing.
 * It is killed then, and started again as after any other end.
 */
export async function watchTemporal(child: Child, watch: TemporalWatch): Promise<void> {
  const { address, namespace, report, signal, everyMs = 5_000, answerWithinMs = 5_000 } = watch;
  // One that has answered: a server that is only slow to start is left alone.
  let answered = child.pid;
  let missed = 0;
  for (;;) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    const { pid } = child;
    if (pid === undefined) continue;
    if (await hasNamespace(address, namespace, answerWithinMs).catch(() => false)) {
      answered = pid;
      missed = 0;
      continue;
    }
    missed += 1;
    if (missed < 2 || pid !== answered || pid !== child.pid || !stuck.test(child.logTail())) continue;
    report('Temporal runs, but its database answers nothing any more: it is ended.');
    process.kill(pid, 'SIGKILL');
    answered = undefined;
  }
}
