/** What one second saw of a channel. */
export interface Seen {
  calls: number;
  /** Of the calls: without an answer, or with one that says "not now". */
  failed: number;
  latencyMs: number;
  /** What became of charges; a redirect's verdict comes later than its call. */
  approved: number;
  declined: number;
}

export const nothingSeen: Readonly<Seen> = { calls: 0, failed: 0, latencyMs: 0, approved: 0, declined: 0 };

export function addSeen(left: Seen, right: Seen): Seen {
  return {
    calls: left.calls + right.calls,
    failed: left.failed + right.failed,
    latencyMs: left.latencyMs + right.latencyMs,
    approved: left.approved + right.approved,
    declined: left.declined + right.declined,
  };
}

/** A channel's last minutes, second by second: at most as many entries as the window has seconds. */
export interface SecondsWindow {
  /** The whole of one second, as it is known now. */
  put(second: number, seen: Seen): void;
  /** Newest first, those within the window. */
  entries(nowSecond: number): { second: number; seen: Seen }[];
}

export const windowSeconds = 300;

export function createSecondsWindow(): SecondsWindow {
  const seconds = new Map<number, Seen>();
  return {
    put(second, seen) {
      seconds.set(second, seen);
    },
    entries(nowSecond) {
      for (const second of seconds.keys()) if (second <= nowSecond - windowSeconds) seconds.delete(second);
      return [...seconds]
        .map(([second, seen]) => ({ second, seen }))
        .sort((left, right) => right.second - left.second);
    },
  };
}
