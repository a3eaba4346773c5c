import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
} from '@temporalio/workflow';

/**
 * A step as a local activity, which costs one event; if it fails or takes too long the same step runs as a
 * regular activity, which Temporal repeats until it is done.
 */
export function promptly<T>(local: () => Promise<T>, regular: () => Promise<T>): Promise<T> {
  return local().catch((error: unknown) => {
    if (isCancellation(error) || isForGood(error)) throw error;
    return regular();
  });
}

/**
 * Runs `step` until it ends or until there is mail: whichever comes first. `mayInterrupt` is asked only when mail
 * has come: a run that began before mail could interrupt this step says no. `isDeafTo` is asked then as well: whether
 * all that has come is what the step itself has caused.
 */
export async function untilNews<T>(
  mail: readonly unknown[],
  step: () => Promise<T>,
  mayInterrupt: () => boolean = () => true,
  isDeafTo: () => boolean = () => false,
): Promise<T | undefined> {
  const scope = new CancellationScope();
  const asked = scope.run(step).catch((error: unknown) => {
    if (isCancellation(error)) return undefined;
    throw error;
  });
  let heard = 0;
  const hasMore = () => mail.length > heard;
  await Promise.race([asked, condition(hasMore)]);
  while (hasMore() && isDeafTo()) {
    heard = mail.length;
    await Promise.race([asked, condition(hasMore)]);
  }
  if (hasMore() && mayInterrupt()) scope.cancel();
  return asked;
}

/** The step said itself that doing it again can't help. */
function isForGood(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.nonRetryable === true
  );
}
