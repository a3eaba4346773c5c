import { createHash } from 'node:crypto';

/** Chance that repeats itself: the same seed draws the same numbers in the same order, on every machine. */
export interface Random {
  /** At least 0 and below 1. */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  isOneIn(probability: number): boolean;
  pick<const T>(choices: readonly [T, ...T[]]): T;
  /** By weight: { pay: 3, decline: 1 } gives `pay` three times out of four. */
  weighed<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
  shuffled<T>(list: readonly T[]): T[];
}

/** Each purpose draws from a sequence of its own, so that a change in one leaves the others as they were. */
export function randomOf(seed: number, purpose: string): Random {
  const digest = createHash('sha256').update(`${seed}/${purpose}`).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number];

  /** sfc32: small, fast, and good enough for deciding whom to hurt. */
  function next(): number {
    const sum = (a + b + d) >>> 0;
    d = (d + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + sum) >>> 0;
    return sum / 0x1_0000_0000;
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));

  return {
    next,
    whole,
    isOneIn: (probability) => next() < probability,
    pick: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
    weighed<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
      const entries = Object.entries(weights) as [Name, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (left < 0) return name;
      }
      return (entries.at(-1) as [Name, number])[0];
    },
    shuffled<T>(list: readonly T[]): T[] {
      const out = [...list];
      for (let at = out.length - 1; at > 0; at -= 1) {
        const other = whole(0, at);
        [out[at], out[other]] = [out[other] as T, out[at] as T];
      }
      return out;
    },
  };
}
