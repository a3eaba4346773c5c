/** A sleep that ends early when somebody rings; ringing while nobody sleeps ends the next sleep. */
export interface AlarmClock {
  ring(): void;
  /** After a ring it sleeps on for `gatherMs`, so that many rings in a row are one waking. */
  sleep(ms: number, gatherMs: number): Promise<void>;
}

export function createAlarmClock(): AlarmClock {
  let isRinging = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      isRinging = true;
      wake?.();
    },
    async sleep(ms, gatherMs) {
      if (!isRinging && ms > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      if (isRinging) await new Promise((resolve) => setTimeout(resolve, gatherMs));
      isRinging = false;
    },
  };
}
