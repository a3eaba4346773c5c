/** One way of doing the work; `measure` runs it once and returns its figure (a rate, a latency). */
export interface Arm {
  name: string;
  measure(round: number): Promise<number>;
}

export type Samples = ReadonlyMap<string, readonly number[]>;

const roundsMin = 5;

/**
 * Runs every arm once a round, forwards then backwards (A B, B A, …), so that whatever drifts in the machine
 * hits both sides of a pair alike.
 */
export async function interleave(arms: readonly Arm[], rounds: number = roundsMin): Promise<Samples> {
  if (rounds < roundsMin) throw new RangeError(`A median of fewer than ${roundsMin} pairs says too little.`);
  if (new Set(arms.map((arm) => arm.name)).size !== arms.length)
    throw new RangeError('Two arms of one name.');
  const samples = new Map<string, number[]>(arms.map((arm) => [arm.name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? arms : [...arms].reverse();
    for (const arm of order) samples.get(arm.name)?.push(await arm.measure(round));
  }
  return samples;
}

/** The median of the paired ratios `over / under`: one bad round moves it little. */
export function medianRatio(samples: Samples, over: string, under: string): number {
  const [above, below] = [samplesOf(samples, over), samplesOf(samples, under)];
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}

export function medianOf(samples: Samples, name: string): number {
  return median(samplesOf(samples, name));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two ranks the value is interpolated, as most tools do. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** How far an arm may be off itself before the run says nothing. */
const driftMax = 0.1;

export function hasDrifted(ratioToItself: number): boolean {
  return !(Math.abs(ratioToItself - 1) <= driftMax);
}

function samplesOf(samples: Samples, name: string): readonly number[] {
  const found = samples.get(name);
  if (found === undefined) throw new RangeError(`No arm named ${name} was measured.`);
  return found;
}
