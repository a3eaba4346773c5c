import { withinTime } from '../../telemetry/within-time';

/** Work that no request waits for, and that a stopping process ought to finish all the same. */
export interface InHand {
  kept<Asked>(work: (asked: Asked) => Promise<void>): (asked: Asked) => Promise<void>;
  /** Resolves when all of it has ended, however it did, or the time is over. */
  finished(msMax: number): Promise<void>;
}

export function createInHand(): InHand {
  const underWay = new Set<Promise<void>>();
  return {
    kept: (work) => (asked) => {
      const begun = work(asked).finally(() => underWay.delete(begun));
      underWay.add(begun);
      return begun;
    },
    async finished(msMax) {
      await withinTime(Promise.allSettled(underWay), msMax, () => undefined);
    },
  };
}
