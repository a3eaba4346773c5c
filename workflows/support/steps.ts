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

export interface Hearing {
  /** Asked only when mail has come: a run that began before mail could interrupt this step says no. */
  mayInterrupt?(): boolean;
  /** Asked then as well: whether all that has come is what the step itself has caused. */
  isDeafTo?(): boolean;
  /** So long the step's end is waited for after the first of that; undefined: for as long as it takes. */
  deafForMs?(): number | undefined;
}

/** Runs `step` until it ends or until there is mail: whichever comes first. */
export async function untilNews<T>(
  mail: readonly unknown[],
  step: () => Promise<T>,
  { mayInterrupt = () => true, isDeafTo = () => false, deafForMs = () => undefined }: Hearing = {},
): Promise<T | undefined> {
  const scope = new CancellationScope();
  const asked = scope.run(step).catch((error: unknown) => {
    if (isCancellation(error)) return undefined;
    throw error;
  });
  let heard = 0;
  const hasMore = () => mail.length > heard;
  await Promise.race([asked, condition(hasMore)]);
  let deafUntil: number | undefined;
  let isTimeOver = false;
  while (hasMore() && !isTimeOver && isDeafTo()) {
    heard = mail.length;
    const ms = deafForMs();
    if (ms !== undefined) deafUntil ??= Date.now() + ms;
    isTimeOver = !(await endsOr(asked, hasMore, deafUntil));
  }
  if ((hasMore() || isTimeOver) && mayInterrupt()) scope.cancel();
  return asked;
}

/** Until the step ends or there is more; false: not before that moment. */
async function endsOr(asked: Promise<unknown>, hasMore: () => boolean, until?: number): Promise<boolean> {
  if (until === undefined) {
    await Promise.race([asked, condition(hasMore)]);
    return true;
  }
  let hasEnded = false;
  const end = () => void (hasEnded = true);
  asked.then(end, end);
  return condition(() => hasEnded || hasMore(), Math.max(until - Date.now(), 1), {
    summary: 'The channel has told of what it is asked; waits a moment for the answer itself',
  });
}

/** The step said itself that doing it again can't help. */
function isForGood(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.nonRetryable === true
  );
}
