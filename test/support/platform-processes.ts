import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startApi } from '../../api/server';
import { loadSettings } from '../../config/settings';
import type { Child } from '../../dev/stack/child';
import { compiledSources } from '../../dev/stack/compiled';
import { createKeeper } from '../../dev/stack/keeper';
import { isPolledBy } from '../../dev/stack/temporal-workers';
import { queuesOf } from '../../workers/queues';
import { startWorker } from '../../workers/worker';
import { productProcess } from './product-process';

export interface PlatformProcesses {
  /** Only where they are processes of their own. */
  children: { api: Child; worker: Child } | undefined;
  stopWorker(): Promise<void>;
  stopApi(): Promise<void>;
  stop(): Promise<void>;
}

/** API and worker inside this process: quick to start, and impossible to kill. */
export async function startInside(env: NodeJS.ProcessEnv): Promise<PlatformProcesses> {
  const settings = loadSettings(env);
  const [api, worker] = await Promise.all([startApi(settings), startWorker(settings)]);
  const stopApi = once(() => api.stop());
  const stopWorker = once(() => worker.stop());
  return {
    children: undefined,
    stopApi,
    stopWorker,
    stop: async () => void (await Promise.all([stopApi(), stopWorker()])),
  };
}

/** API and worker as processes of their own. */
export async function startApart(env: NodeJS.ProcessEnv): Promise<PlatformProcesses> {
  const folder = mkdtempSync(path.join(tmpdir(), 'durapay-platform-'));
  const keeper = createKeeper();
  const settings = loadSettings(env);
  const common = { env: { ...process.env, ...env }, folder, keeper, build: await compiledSources() };
  const api = productProcess({
    ...common,
    name: 'api',
    entry: 'api/server',
    isReady: async () => (await fetch(`http://127.0.0.1:${settings.API_PORT}/readyz`)).ok,
  });
  const worker: Child = productProcess({
    ...common,
    name: 'worker',
    entry: 'workers/worker',
    isReady: () =>
      isPolledBy(
        { address: settings.TEMPORAL_ADDRESS, namespace: settings.TEMPORAL_NAMESPACE },
        queuesOf(settings).operations,
        worker.pid ?? 0,
      ),
  });
  const stop = async () => {
    await Promise.all([api.stop(), worker.stop()]);
    keeper.dismiss();
    rmSync(folder, { recursive: true, force: true });
  };
  await Promise.all([api.start(), worker.start()]).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { children: { api, worker }, stopApi: () => api.stop(), stopWorker: () => worker.stop(), stop };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
