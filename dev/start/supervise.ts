import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../stack/child';
import type { StackChildren } from '../stack/stack';

const RESTARTS_MAX = 3;
const WITHIN_MS = 60_000;
const PAUSE_MS = 500;

export interface Supervision {
  report: (line: string) => void;
  /** A child keeps ending: the stack is of no use without it. */
  giveUp: () => void;
}

/** Starts a child again when it ends by itself; one that ends three times in a minute is not going to stay. */
export function supervise(children: StackChildren, supervision: Supervision): void {
  for (const child of Object.values(children) as (Child | undefined)[]) {
    if (child) superviseOne(child, supervision);
  }
}

function superviseOne(child: Child, { report, giveUp }: Supervision): void {
  let endings: number[] = [];
  child.onUnexpectedExit((how) => void again(how));

  async function again(how: string): Promise<void> {
    endings = [...endings.filter((at) => at > Date.now() - WITHIN_MS), Date.now()];
    if (endings.length > RESTARTS_MAX) {
      report(`${child.name} ended again (${how}) and is not started any more.\n${child.logTail()}`);
      giveUp();
      return;
    }
    report(`${child.name} ended (${how}); it is started again. Its log: ${child.logFile}`);
    await sleep(PAUSE_MS);
    try {
      await child.start();
    } catch (error) {
      report(error instanceof Error ? error.message : String(error));
      giveUp();
    }
  }
}
