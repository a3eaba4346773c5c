import type { StackFile } from '../stack/stack-file';
import { reasonOf } from './parties/http';
import type { Stage } from './story';

const stepWithinMs = 20_000;
const putBackWithinMs = 5_000;

/** A step failed, or the command was interrupted; its line has been printed. */
export class StoryFailed extends Error {}

export interface RunningStage extends Stage {
  stepsDone(): number;
  elapsedMs(): number;
  close(): Promise<void>;
}

/** `interrupted` ends the story at the step it is in; what it changed is put back all the same. */
export function createStage(
  stack: StackFile,
  print: (line: string) => void,
  interrupted?: AbortSignal,
): RunningStage {
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  const putBacks: { what: string; putBack: () => Promise<unknown> }[] = [];
  let done = 0;

  return {
    stack,
    async step(who, what, action, { tell, withinMs = stepWithinMs } = {}) {
      const start = elapsedMs();
      try {
        const result = await within(withinMs, action, interrupted);
        done += 1;
        const told = tell === undefined ? '' : `: ${tell(result)}`;
        print(line(elapsedMs(), elapsedMs() - start, who, `${what}${told}`));
        return result;
      } catch (error) {
        const reason = reasonOf(error);
        print(line(elapsedMs(), elapsedMs() - start, who, `${what} – DID NOT HAPPEN: ${reason}`));
        throw new StoryFailed(reason);
      }
    },
    note: (text) => print(`${' '.repeat(34)}${text}`),
    afterwards: (what, putBack) => void putBacks.push({ what, putBack }),
    stepsDone: () => done,
    elapsedMs,
    async close() {
      for (const { what, putBack } of putBacks.reverse()) {
        await within(putBackWithinMs, putBack).catch((error: unknown) => {
          print(`Afterwards, ${what} did not work: ${reasonOf(error)}`);
        });
      }
    },
  };
}

/** The signal tells the action that its time is over; the race holds even for one that does not listen. */
async function within<T>(
  ms: number,
  action: (signal: AbortSignal) => Promise<T>,
  interrupted?: AbortSignal,
): Promise<T> {
  interrupted?.throwIfAborted();
  const over = new AbortController();
  let stopWaiting: () => void = () => undefined;
  const early = new Promise<never>((_, reject) => {
    const end = (error: Error) => {
      reject(error);
      over.abort();
    };
    const overdue = () => end(new Error(`not within ${(ms / 1_000).toFixed(0)} s`));
    const timer = setTimeout(overdue, ms);
    const stop = () => end(interrupted?.reason as Error);
    interrupted?.addEventListener('abort', stop);
    stopWaiting = () => {
      clearTimeout(timer);
      interrupted?.removeEventListener('abort', stop);
    };
  });
  try {
    return await Promise.race([action(over.signal), early]);
  } finally {
    stopWaiting();
  }
}

function line(atMs: number, tookMs: number, who: string, what: string): string {
  const at = `${(atMs / 1_000).toFixed(3)} s`.padStart(10);
  const took = `+${tookMs.toFixed(0)} ms`.padStart(10);
  return `${at}${took}  ${who.padEnd(10)}  ${what}`;
}
