import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { startProcess, type BenchProcess } from '../../bench/processes';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../../support/temporal';
import { until } from '../../support/until';
import { fails, go, loops, loopsLater, losesPromise, wellBehaved } from './unruly';
import type { UnrulySettings } from './unruly-process';

const taskQueue = uniqueTaskQueue('unruly');
let folder: string;
let connection: Connection;
let client: Client;
let unruly: BenchProcess<true>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'durapay-unruly-'));
  const workflowsPath = path.join(__dirname, 'unruly.ts');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: [workflowsPath],
    logger: new DefaultLogger('ERROR'),
  });
  const bundleFile = path.join(folder, 'bundle.js');
  await writeFile(bundleFile, code);
  connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace: temporalNamespace() });

  const settings: UnrulySettings = {
    ...{ address: temporalAddress(), namespace: temporalNamespace(), taskQueue, bundleFile },
  };
  unruly = await startProcess('workflows/main-thread/unruly-process', { UNRULY: JSON.stringify(settings) });
});

afterAll(async () => {
  await unruly?.stop();
  await connection?.close();
  await rm(folder, { recursive: true });
  expect(unruly.child.exitCode).toBe(0);
});

let started = 0;
async function start<Result>(workflow: () => Promise<Result>): Promise<WorkflowHandle<typeof workflow>> {
  started += 1;
  return client.workflow.start(workflow, { taskQueue, workflowId: `${taskQueue}/${started}` });
}

/** Why the workflow's tasks failed, and with what stacks. */
async function troubles(handle: WorkflowHandle): Promise<{ message: string; stack: string }[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .map(({ workflowTaskFailedEventAttributes: failed, workflowExecutionFailedEventAttributes: ended }) =>
      failed ? failed.failure : ended?.failure,
    )
    .filter((failure) => failure != null)
    .map(({ message, stackTrace }) => ({ message: message ?? '', stack: stackTrace ?? '' }));
}

it.each([
  ['at once', loops],
  ['later', loopsLater],
])('ends the step of a workflow that loops %s, says so, and goes on with the others', async (_, workflow) => {
  const waiting = await start(wellBehaved);
  const looping = await start(workflow);
  await looping.signal(go);
  await until('the loop was ended', async () => (await troubles(looping)).length > 0);
  expect((await troubles(looping))[0]?.message).toMatch(/step was ended after 2000 ms.*tried again/);
  await looping.terminate();

  await waiting.signal(go);
  await expect(waiting.result()).resolves.toBe('done');
  await expect((await start(fails)).result()).rejects.toThrow('Workflow execution failed');
});

it('blames a promise that nobody waits for on the workflow that lost it', async () => {
  const well = await Promise.all(Array.from({ length: 20 }, () => start(wellBehaved)));
  const lost = await Promise.all(Array.from({ length: 5 }, () => start(losesPromise)));
  const told = [...well.slice(0, 10), ...lost, ...well.slice(10)].map((handle) => handle.signal(go));
  await Promise.all(told);
  await expect(Promise.all(well.map((handle) => handle.result()))).resolves.toEqual(well.map(() => 'done'));
  for (const handle of lost) {
    await until('the task failed', async () => (await troubles(handle)).length > 0);
    expect((await troubles(handle))[0]?.message).toContain('nobody waits for this');
    await handle.terminate();
  }
  for (const handle of well) expect(await troubles(handle)).toEqual([]);
});

it("tells in a failure's stack the line of the source", async () => {
  const handle = await start(fails);
  await handle.result().catch(() => undefined);
  expect((await troubles(handle))[0]?.stack).toMatch(/unruly\.ts:\d+/);
});
