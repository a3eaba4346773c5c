import { promiseHooks } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before everything else, by `node --require`: the threads that run workflows collect no call stacks, as if Node
 * could not tell of promises. With them the SDK writes down where each promise was made, in case somebody opens the
 * call stack in Temporal UI: some 4 % of the CPU of a payment (docs/adr/0008-lean-processes.md).
 */
if (!isMainThread && process.env.WORKFLOW_CALL_STACKS !== 'true') {
  const createHook = promiseHooks.createHook;
  promiseHooks.createHook = (callbacks) => {
    // Node's own AsyncLocalStorage comes by here too; unlike the SDK it asks to be told before and after.
    if (callbacks.before) return createHook(callbacks);
    throw new Error('Call stacks are switched off: WORKFLOW_CALL_STACKS=true switches them on.');
  };
}
