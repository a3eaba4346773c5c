import type { Direction, Verdict, Wire } from './proxy';

export type Side = 'before' | 'after';

/** What a trap looks for. `before`: the message has not arrived; `after`: it has, and its answer is lost. */
export interface TrapWish<Moment> {
  moment: Moment;
  side: Side;
  isVictim: (wire: Wire) => boolean;
}

export interface Caught {
  wire: Wire;
  /** The message that was caught. */
  message: string;
}

export interface Traps<Moment> {
  /** The first message that fits springs it; undefined if none came in time. */
  catchNext(wish: TrapWish<Moment>, withinMs: number): Promise<Caught | undefined>;
  look(wire: Wire, direction: Direction, chunk: Buffer): Verdict;
}

interface Armed<Moment> extends TrapWish<Moment> {
  spring: (caught: Caught) => void;
  /** The message has gone through; its answer is what is waited for. */
  passed?: Caught;
}

/** One trap at a time: what a message is, `momentsOf` says; it is asked for every chunk that goes out. */
export function createTraps<Moment>(
  momentsOf: (wire: Wire, chunk: Buffer) => readonly Moment[],
): Traps<Moment> {
  let armed: Armed<Moment> | undefined;

  function look(wire: Wire, direction: Direction, chunk: Buffer): Verdict {
    if (direction === 'back') {
      if (armed?.passed?.wire !== wire) return 'pass';
      armed.spring(armed.passed);
      armed = undefined;
      return 'stop';
    }
    const moments = momentsOf(wire, chunk);
    if (armed === undefined || armed.passed !== undefined) return 'pass';
    if (!moments.includes(armed.moment) || !armed.isVictim(wire)) return 'pass';
    const caught = { wire, message: chunk.toString('latin1') };
    if (armed.side === 'after') {
      armed.passed = caught;
      return 'pass';
    }
    armed.spring(caught);
    armed = undefined;
    return 'stop';
  }

  return {
    look,
    catchNext: (wish, withinMs) =>
      new Promise((resolve) => {
        const overdue = setTimeout(() => {
          armed = undefined;
          resolve(undefined);
        }, withinMs);
        armed = {
          ...wish,
          spring: (caught) => {
            clearTimeout(overdue);
            resolve(caught);
          },
        };
      }),
  };
}
