import { Worker } from 'node:worker_threads';
import { compiledSources, withoutCallStacks } from '../../../dev/stack/compiled';

/** What a workflow thread of a process started like API and worker comes upon. */
const thread = `
  const { AsyncLocalStorage } = require('node:async_hooks');
  const { promiseHooks } = require('node:v8');
  const { parentPort } = require('node:worker_threads');
  const context = new AsyncLocalStorage();
  let refusal = null;
  let seen = 0;
  try {
    promiseHooks.createHook({ init: () => (seen += 1), settled: () => undefined });
  } catch (error) {
    refusal = error.message;
  }
  context
    .run('kept', () => new Promise((resolve) => setImmediate(resolve)).then(() => context.getStore()))
    .then((store) => parentPort.postMessage({ refusal, isSeen: seen > 0, store }));
`;

async function found(env: NodeJS.ProcessEnv): Promise<unknown> {
  const execArgv = withoutCallStacks(await compiledSources());
  const worker = new Worker(thread, { eval: true, execArgv, env });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}

describe('threads that run workflows', () => {
  it('are not told of each promise, and keep what belongs to a call apart all the same', async () => {
    await expect(found({})).resolves.toEqual({
      refusal: expect.stringContaining('WORKFLOW_CALL_STACKS=true') as string,
      isSeen: false,
      store: 'kept',
    });
  });

  it('are told when an operator wants call stacks', async () => {
    await expect(found({ WORKFLOW_CALL_STACKS: 'true' })).resolves.toEqual({
      refusal: null,
      isSeen: true,
      store: 'kept',
    });
  });
});
