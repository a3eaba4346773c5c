import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';

export const go = defineSignal('go');

/** As a payment waits for its customer. */
async function untilTold(): Promise<void> {
  let isTold = false;
  setHandler(go, () => void (isTold = true));
  await condition(() => isTold);
}

export async function wellBehaved(): Promise<string> {
  await untilTold();
  return 'done';
}

export async function loops(): Promise<void> {
  for (;;);
}

/** Loops in the reaction to a promise, of which Node keeps a stack. */
export async function loopsLater(): Promise<void> {
  await untilTold();
  for (;;);
}

export async function losesPromise(): Promise<void> {
  await untilTold();
  void Promise.reject(new Error('nobody waits for this'));
  await condition(() => false);
}

export async function fails(): Promise<void> {
  throw ApplicationFailure.nonRetryable('on purpose');
}
