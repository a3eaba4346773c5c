/**
 * What a group of the bench hands in. A group lives in `test/bench/groups/<name>/index.ts` and exports `group`;
 * the runner finds it there, so that a new group touches no list.
 */
export const groupNames = ['payments', 'ledger', 'channels', 'people', 'risk', 'settlement'] as const;

export type GroupName = (typeof groupNames)[number];

export type Goal = { atLeast: number } | { atMost: number };

export interface MetricDeclaration {
  /** `group.what_it_measures`, with its unit last where it has one. */
  name: string;
  goal: Goal;
}

export interface Measurement {
  /** One value for each declared metric. */
  values: Record<string, number>;
  /**
   * The same arm measured against itself, by the name of the comparison: each of them close to 1, or nothing
   * that was measured beside it can be believed. Empty only for budgets of pure in-process steps.
   */
  againstItself: Record<string, number>;
  /** Lines for the reader that no goal depends on: absolute figures, p99, CPU per payment. */
  notes: string[];
  /** So little of everything that it tries the group and says nothing about its goals. */
  isShortened?: boolean;
}

export interface BenchContext {
  /** Progress for whoever is watching; standard output belongs to the results. */
  say(line: string): void;
  /** Aborted by Ctrl-C: stop what was started and reject. */
  signal: AbortSignal;
}

export interface BenchGroup {
  name: GroupName;
  metrics: readonly MetricDeclaration[];
  run(context: BenchContext): Promise<Measurement>;
}

export interface Result {
  name: string;
  value: number;
  goal: string;
  pass: boolean;
}

function meets(value: number, goal: Goal): boolean {
  if (!Number.isFinite(value)) return false;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

function describeGoal(goal: Goal): string {
  return 'atLeast' in goal ? `>=${goal.atLeast}` : `<=${goal.atMost}`;
}

/** A declared metric that was not measured has failed: silence must not look like success. */
export function judge(group: BenchGroup, measurement: Measurement): Result[] {
  return group.metrics.map(({ name, goal }) => {
    const value = measurement.values[name] ?? Number.NaN;
    return { name, value, goal: describeGoal(goal), pass: meets(value, goal) };
  });
}
