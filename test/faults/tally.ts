/** What was injected, by kind. */
export interface Tally {
  add(kind: string, times?: number): void;
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
}

export function createTally(): Tally {
  const counts: Record<string, number> = {};
  return {
    add(kind, times = 1) {
      counts[kind] = (counts[kind] ?? 0) + times;
    },
    counts,
    get total() {
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
  };
}
