import { startSealer } from '../activities/ledger/sealer';
import { loadSettings, type Settings } from '../config/settings';
import { runProcess, type RunningProcess } from './run-process';
import { createContainer } from './container';
import { createWorker } from './create-worker';
import { openFront, type Front } from './front';
import { scheduleSweeps } from './schedule-sweeps';
import { unknownPage, workerPages } from './worker-pages';
import { workflowBundle } from './bundle';

/** The worker process: takes payments like the API does, and does alone what is slow, periodic or late. */
export async function startWorker(settings: Settings): Promise<RunningProcess> {
  const front = await frontOf(settings);
  const bundleFile = await workflowBundle(settings.WORKFLOW_BUNDLE);
  const container = await createContainer(settings, 'worker', (what) => front?.waitsFor(what));
  const { temporal, queues, log } = container;

  const workers = await Promise.all([
    createWorker(settings, temporal, {
      taskQueue: queues.payments,
      bundleFile,
      activities: container.paymentActivities,
      endsSoon: true,
    }),
    createWorker(settings, temporal, {
      taskQueue: queues.operations,
      bundleFile,
      activities: container.operationsActivities,
      endsSoon: false,
    }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  await container.routing.start();
  container.callbacks.relay.start();
  // Last, for much may lie here of a worker that died: right after Temporal was killed as well, this takes eight seconds.
  await scheduleSweeps(container);
  const sealer = startSealer({
    database: container.database,
    intervalMs: settings.LEDGER_SEAL_INTERVAL_MS,
    journalsPerBlockMax: settings.LEDGER_BLOCK_JOURNALS_MAX,
    onError: (error) => log.error({ err: error }, 'the ledger could not be sealed'),
  });
  let isStopping = false;
  front?.serve(workerPages({ ...container, isStopping: () => isStopping }));
  log.info({ queues }, 'worker is ready');

  return {
    log,
    failed: running.then(() => undefined),
    async stop() {
      isStopping = true;
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await sealer.stop();
      await container.close();
      front?.server.close();
      front?.server.closeAllConnections();
    },
  };
}

async function frontOf(settings: Settings): Promise<Front | undefined> {
  const { WORKER_METRICS_HOST: host, WORKER_METRICS_PORT: port } = settings;
  return port === 0 ? undefined : openFront({ host, port, setting: 'WORKER_METRICS_PORT' }, unknownPage);
}

if (require.main === module) void runProcess('worker', () => startWorker(loadSettings()));
