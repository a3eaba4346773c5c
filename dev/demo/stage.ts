import type { StackFile } from '../stack/stack-file';
import type { Stage } from './story';

const stepWithinMs = 20_000;
const putBackWithinMs = 5_000;

/** A step failed; its line has been printed. */
export class StoryFailed extends Error {}

export interface RunningStage extends Stage {
  stepsDone(): number;
  elapsedMs(): number;
  close(): Promise<void>;
}

export function createStage(stack: StackFile, print: (line: string) => void): RunningStage {
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  const putBacks: { what: string; putBack: () => Promise<unknown> }[] = [];
  let done = 0;

  return {
    stack,
    async step(who, what, action, { tell, withinMs = stepWithinMs } = {}) {
      const start = elapsedMs();
      try {
        const result = await within(withinMs, action);
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
async function within<T>(ms: number, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const overdue = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${(ms / 1_000).toFixed(0)} s`));
      overdue.abort();
    }, ms);
  });
  try {
    return await Promise.race([action(overdue.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

function line(atMs: number, tookMs: number, who: string, what: string): string {
  const at = `${(atMs / 1_000).toFixed(3)} s`.padStart(10);
  const took = `+${tookMs.toFixed(0)} ms`.padStart(10);
  return `${at}${took}  ${who.padEnd(10)}  ${what}`;
}

/** What `fetch` knows is one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || error.cause.name : undefined;
  return cause === undefined ? error.message : `${error.message} (${cause})`;
}
