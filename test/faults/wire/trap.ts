import type { Direction, Verdict, Wire } from './proxy';

export type Side = 'before' | 'after';

/** What a trap looks for. `before`: the message has not arrived; `after`: it has, and its answer is lost. */
export interface TrapWish<Moment> {
  moment: Moment;
  side: Side;
  isVictim: (wire: Wire) => boolean;
  /** Whether it is the message that is meant, by all that it is about; any that fits will do once `meantWithinMs` is over. */
  isMeant?: (about: string) => boolean;
}

export interface Caught {
  wire: Wire;
  isMeant: boolean;
}

/** What goes out in one message: what it does, and the text that says for whom. */
export interface Passing<Moment> {
  moments: readonly Moment[];
  about: string;
}

export interface Patience {
  /** So long only the message that is meant springs the trap. */
  meantWithinMs: number;
  withinMs: number;
  /** After a message that is not answered for so long the next one will do. */
  answeredWithinMs: number;
}

export interface Traps<Moment> {
  /** The first message that fits springs it; undefined if none came in time. */
  catchNext(wish: TrapWish<Moment>, patience: Patience): Promise<Caught | undefined>;
  look(wire: Wire, direction: Direction, chunk: Buffer): Verdict;
}

interface Armed<Moment> extends TrapWish<Moment> {
  spring: (caught: Caught) => void;
  meantUntil: number;
  /** The message has gone through; its answer is what is waited for. */
  passed?: Caught;
  answerUntil: number;
  answeredWithinMs: number;
}

/** One trap at a time: what a message is, `read` says; it is asked for every chunk that goes out. */
export function createTraps<Moment>(read: (wire: Wire, chunk: Buffer) => Passing<Moment>): Traps<Moment> {
  let armed: Armed<Moment> | undefined;

  function look(wire: Wire, direction: Direction, chunk: Buffer): Verdict {
    if (direction === 'back') {
      if (armed?.passed?.wire !== wire) return 'pass';
      armed.spring(armed.passed);
      armed = undefined;
      return 'stop';
    }
    const { moments, about } = read(wire, chunk);
    if (armed === undefined || (armed.passed !== undefined && Date.now() <= armed.answerUntil)) return 'pass';
    if (!moments.includes(armed.moment) || !armed.isVictim(wire)) return 'pass';
    const isMeant = armed.isMeant?.(about) ?? false;
    if (!isMeant && Date.now() < armed.meantUntil) return 'pass';
    const caught = { wire, isMeant };
    if (armed.side === 'after') {
      armed.passed = caught;
      armed.answerUntil = Date.now() + armed.answeredWithinMs;
      return 'pass';
    }
    armed.spring(caught);
    armed = undefined;
    return 'stop';
  }

  return {
    look,
    catchNext: (wish, { meantWithinMs, withinMs, answeredWithinMs }) =>
      new Promise((resolve) => {
        const overdue = setTimeout(() => {
          armed = undefined;
          resolve(undefined);
        }, withinMs);
        armed = {
          ...wish,
          meantUntil: wish.isMeant === undefined ? 0 : Date.now() + meantWithinMs,
          answerUntil: 0,
          answeredWithinMs,
          spring: (caught) => {
            clearTimeout(overdue);
            resolve(caught);
          },
        };
      }),
  };
}
