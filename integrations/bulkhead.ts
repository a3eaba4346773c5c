import type { Deadline } from './deadline';

/** Keeps one slow service from taking every slot of the process: so many calls at once, so many waiting, no more. */
export interface Bulkhead {
  /** Waits for a place until the deadline; false if there was none to be had. */
  enter(deadline: Deadline): Promise<boolean> | boolean;
  /** Gives back a place that `enter` granted. */
  leave(): void;
}

export interface BulkheadOptions {
  concurrencyMax: number;
  queueMax: number;
}

export function createBulkhead(options: BulkheadOptions): Bulkhead {
  let taken = 0;
  // A Set keeps the order of arrival and forgets one in the middle at no cost.
  const waiting = new Set<(granted: boolean) => void>();

  return {
    enter(deadline) {
      if (taken < options.concurrencyMax) {
        taken += 1;
        return true;
      }
      if (waiting.size >= options.queueMax) return false;
      const { signal } = deadline;
      return new Promise<boolean>((resolve) => {
        const settle = (granted: boolean) => {
          waiting.delete(settle);
          signal.removeEventListener('abort', giveUp);
          resolve(granted);
        };
        const giveUp = () => settle(false);
        waiting.add(settle);
        signal.addEventListener('abort', giveUp);
      });
    },

    leave() {
      // The place goes straight to who waited longest, so that a newcomer can't overtake.
      for (const grant of waiting) {
        grant(true);
        return;
      }
      taken -= 1;
    },
  };
}
