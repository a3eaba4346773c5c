/** Waits for work no longer than that, then for `otherwise`, which may throw. The work itself goes on. */
export async function withinTime<T, Late>(
  work: Promise<T>,
  ms: number,
  otherwise: () => Late,
): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => void (timer = setTimeout(resolve, ms)));
  try {
    return await Promise.race([work, late.then(otherwise)]);
  } finally {
    clearTimeout(timer);
  }
}
