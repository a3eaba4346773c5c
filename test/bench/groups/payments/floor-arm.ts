import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { FloorKind, FloorSettings } from '../../floors/contracts';
import { startProcess, type BenchProcess } from '../../processes';
import type { PaymentArm, SharedServers, WorkerFigures } from './arm';

export interface FloorBundle {
  path: string;
  remove(): Promise<void>;
}

/** Built once for all floor processes, as the product's is. */
export async function bundleFloors(): Promise<FloorBundle> {
  const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, '..', '..', 'floors', 'workflows.ts'),
    logger: silent,
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'durapay-floors-'));
  await writeFile(path.join(folder, 'floors.js'), code);
  return {
    path: path.join(folder, 'floors.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Laid out like the product: an API process with a worker, a separate worker, a sandbox. */
export async function startFloor(
  kind: FloorKind,
  servers: SharedServers,
  figures: WorkerFigures,
  bundle: FloorBundle,
): Promise<PaymentArm> {
  const settings: FloorSettings = {
    kind,
    ...servers,
    ...figures,
    taskQueue: `floor-${kind}-${process.pid}`,
    bundlePath: bundle.path,
  };
  const environment = { FLOOR: JSON.stringify(settings) };
  const started: BenchProcess<unknown>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((process) => process.stop()));
  };
  const start = async <Ready>(file: string): Promise<BenchProcess<Ready>> => {
    const process = await startProcess<Ready>(`bench/floors/${file}`, environment);
    started.push(process);
    return process;
  };
  try {
    const api = await start<{ url: string }>('api-process');
    const worker = await start('worker-process');
    const sandbox = await start<{ url: string }>('sandbox-process');
    return {
      name: `${kind} floor`,
      target: {
        startUrl: `${api.ready.url}/payments`,
        headers: {},
        body: { amount: '100.50', currency: 'USD' },
        pay: { url: sandbox.ready.url, webhookUrl: `${api.ready.url}/webhooks` },
      },
      pids: { api: api.pid, worker: worker.pid, sandbox: sandbox.pid },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
