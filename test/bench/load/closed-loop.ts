/** So many workers side by side. */
export function inEachOf(workers: number, work: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: workers }, () => work()));
}

/** How many a second, all workers together, each doing one after another. `once` says how many it did. */
export async function ratePerSecond(
  workers: number,
  once: () => Promise<number>,
  measureMs: number,
): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  await inEachOf(workers, async () => {
    while (performance.now() - startedAt < measureMs) {
      // Not `done += await …`: that adds to what `done` was before the wait, and loses what others did meanwhile.
      const count = await once();
      done += count;
    }
  });
  return (done / (performance.now() - startedAt)) * 1_000;
}
