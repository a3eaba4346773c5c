import { setTimeout as sleep } from 'node:timers/promises';
import { CallFailed, type Caller } from './demo/parties/http';

/** After a try that failed; with the last of them over it is given up. */
const pausesSeconds = [1, 2, 4, 8, 15];
/** Whatever `Retry-After` says. */
const pauseSecondsMax = 30;
const answerMsMax = 60_000;

/** Of a platform, or of a proxy before it, that is busy or just starting again. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export type Ask = <T>(path: string, tell: (text: string) => void) => Promise<T>;

/**
 * Reads what may be read twice, and asks again where that may help. Whoever was never reached is rather not there,
 * or the address is wrong: that is said at once.
 */
export function askAgain(
  caller: Pick<Caller, 'get'>,
  pause: (seconds: number) => Promise<unknown> = (seconds) => sleep(seconds * 1_000),
): Ask {
  let wasReached = false;
  return async <T>(path: string, tell: (text: string) => void) => {
    for (let failures = 0; ; failures++) {
      try {
        const answer = await caller.get<T>(path, AbortSignal.timeout(answerMsMax));
        wasReached = true;
        return answer;
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        wasReached ||= error.status !== undefined;
        const mayPass = error.status === undefined ? wasReached : passing.has(error.status);
        const own = pausesSeconds[failures];
        if (!mayPass || own === undefined) throw error;
        const seconds = Math.min(error.retryAfterSeconds ?? own, pauseSecondsMax);
        const what = error.status === undefined ? 'no answer' : `answered ${error.status}`;
        tell(`${what}, asking again in ${seconds} s`);
        await pause(seconds);
      }
    }
  };
}
