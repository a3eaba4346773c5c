import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';

export const go = defineSignal('go');

/** Waits to be told, as a payment waits for its customer. */
export async function wellBehaved(): Promise<string> {
  let isTold = false;
  setHandler(go, () => void (isTold = true));
  await condition(() => isTold);
  return 'done';
}

export async function loops(): Promise<void> {
  for (;;);
}

/** Loops once it is told, where Node's bookkeeping of what waits for what is in the middle of something. */
export async function loopsLater(): Promise<void> {
  let isTold = false;
  setHandler(go, () => void (isTold = true));
  await condition(() => isTold);
  for (;;);
}

/** Loses a promise once it is told, in a step with the others'. */
export async function careless(): Promise<void> {
  let isTold = false;
  setHandler(go, () => void (isTold = true));
  await condition(() => isTold);
  void Promise.reject(new Error('nobody waits for this'));
  await condition(() => false);
}

export async function fails(): Promise<void> {
  throw ApplicationFailure.nonRetryable('on purpose');
}
