/** Does the work when its turn has come; undefined: none came in time, and nothing was begun. */
export type InTurn = <T>(name: string, turnBy: number, work: () => Promise<T>) => Promise<T | undefined>;

export interface TurnsOptions {
  atOnceMax: number;
  waitingMax: number;
}

interface Line {
  atWork: number;
  /** A Set keeps the order of arrival and forgets one in the middle at no cost. */
  waiting: Set<(granted: boolean) => void>;
}

/** Under each name so many work at once, and so many wait in line, no more. */
export function createTurns({ atOnceMax, waitingMax }: TurnsOptions): InTurn {
  const lines = new Map<string, Line>();

  return async function inTurn(name, turnBy, work) {
    const line = lines.get(name) ?? { atWork: 0, waiting: new Set() };
    lines.set(name, line);
    if (!(await enter(line, turnBy))) return undefined;
    try {
      return await work();
    } finally {
      leave(name, line);
    }
  };

  function enter(line: Line, turnBy: number): Promise<boolean> | boolean {
    if (line.atWork < atOnceMax) {
      line.atWork += 1;
      return true;
    }
    if (line.waiting.size >= waitingMax) return false;
    return new Promise((resolve) => {
      const settle = (granted: boolean) => {
        clearTimeout(timer);
        line.waiting.delete(settle);
        resolve(granted);
      };
      const timer = setTimeout(settle, turnBy - Date.now(), false);
      line.waiting.add(settle);
    });
  }

  function leave(name: string, line: Line): void {
    // The place goes straight to who waited longest, so that a newcomer can't overtake.
    for (const grant of line.waiting) return grant(true);
    line.atWork -= 1;
    if (line.atWork === 0) lines.delete(name);
  }
}
