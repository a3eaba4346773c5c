const firstLookMs = 15;
const lookMsMax = 500;

/** Reads again and again, with growing pauses, until it is what is waited for or the time is over. */
export async function watch<T>(
  read: () => Promise<T>,
  isEnough: (seen: T) => boolean,
  deadline: number,
): Promise<T> {
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(pauseMs * 2, lookMsMax)) {
    const seen = await read();
    if (Date.now() + pauseMs >= deadline || isEnough(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
