import type { RetryPolicy } from './service';

/** For channels whose provider asks for nothing else; short, because a customer waits. */
export const usualRetryPolicy: RetryPolicy = {
  triesMax: 3,
  firstDelayMs: 200,
  backoffFactor: 2,
  delayMsMax: 2_000,
};

/** How long to wait after so many tries: longer each time. */
export function delayAfter(
  { firstDelayMs, backoffFactor, delayMsMax }: RetryPolicy,
  tries: number,
  random = Math.random(),
): number {
  return jittered(Math.min(firstDelayMs * backoffFactor ** (tries - 1), delayMsMax), random);
}

/** So that what failed together does not come back together. */
export function jittered(waitMs: number, random = Math.random()): number {
  return Math.round(waitMs * (0.75 + random / 2));
}
