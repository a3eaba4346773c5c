import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 20;

/** What `look` returns as soon as it is neither undefined nor false; fails by name when the time is over. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await sleep(lookEveryMs);
  }
}
