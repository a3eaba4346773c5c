import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';

/**
 * A step as a local activity, which costs one event; if it fails or takes too long the same step runs as a
 * regular activity, which Temporal repeats until it is done.
 */
export async function promptly<T>(local: () => Promise<T>, regular: () => Promise<T>): Promise<T> {
  try {
    return await local();
  } catch (error) {
    if (isCancellation(error) || isForGood(error)) throw error;
    return regular();
  }
}

/** The step said itself that doing it again can't help. */
function isForGood(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.nonRetryable === true
  );
}
