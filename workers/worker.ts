import { Worker } from '@temporalio/worker';
import { startSealer } from '../activities/ledger/sealer';
import { loadSettings, type Settings } from '../config/settings';
import { runProcess, type RunningProcess } from './run-process';
import { createContainer } from './container';
import { prepareTemporal, scheduleSweeps } from './prepare-temporal';
import { workerOptions } from './worker-options';
import { workflowBundle } from './bundle';

/** The worker process: takes payments like the API does, and does alone what is slow, periodic or late. */
export async function startWorker(settings: Settings): Promise<RunningProcess> {
  const bundleFile = await workflowBundle(settings.WORKFLOW_BUNDLE);
  const container = await createContainer(settings, 'worker');
  const { temporal, queues, log } = container;
  await prepareTemporal(container);

  const workers = await Promise.all([
    Worker.create(
      workerOptions(settings, temporal, {
        taskQueue: queues.payments,
        bundleFile,
        activities: container.paymentActivities,
        endsSoon: true,
      }),
    ),
    Worker.create(
      workerOptions(settings, temporal, {
        taskQueue: queues.operations,
        bundleFile,
        activities: container.operationsActivities,
        endsSoon: false,
      }),
    ),
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
  log.info({ queues }, 'worker is ready');

  return {
    log,
    failed: running.then(() => undefined),
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await sealer.stop();
      await container.close();
    },
  };
}

if (require.main === module) void runProcess('worker', () => startWorker(loadSettings()));
