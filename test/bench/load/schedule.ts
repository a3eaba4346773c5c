/** Mulberry32: small, seeded and good enough to space arrivals. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One Poisson schedule in slices: the same seed gives the same arrivals to every arm, and slice by slice they
 * make up one schedule. Times are in ms from the slice's own begin.
 */
export function poissonSlice(seed: number, ratePerSecond: number, from: number, count: number): number[] {
  const random = seededRandom(seed);
  const times: number[] = [];
  let at = 0;
  let begin = 0;
  for (let arrival = 0; arrival < from + count; arrival += 1) {
    if (arrival === from) begin = at;
    at += (-Math.log(1 - random()) * 1_000) / ratePerSecond;
    if (arrival >= from) times.push(at - begin);
  }
  return times;
}
