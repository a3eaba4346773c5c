import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { FloorActivities, FloorSettings } from './contracts';
import { createDoneTeller } from './done';

export interface FloorWorker {
  connection: NativeConnection;
  worker: Worker;
}

export async function createFloorWorker(
  settings: FloorSettings,
  handOver: (orderId: string) => void,
): Promise<FloorWorker> {
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const tellDone = createDoneTeller(settings.doneUrl);
  const activities: FloorActivities = {
    async open({ orderId }) {
      handOver(orderId);
      return { status: 'requires_action', orderId };
    },
    async record({ orderId }) {
      tellDone(orderId);
    },
  };
  const connection = await NativeConnection.connect({ address: settings.temporalAddress });
  const worker = await Worker.create({
    connection,
    namespace: settings.namespace,
    taskQueue: settings.taskQueue,
    workflowBundle: { codePath: settings.bundlePath },
    activities,
    maxConcurrentWorkflowTaskExecutions: settings.taskSlots,
    maxConcurrentLocalActivityExecutions: settings.taskSlots,
    maxConcurrentActivityTaskExecutions: settings.taskSlots,
    maxConcurrentWorkflowTaskPolls: settings.pollers,
    maxConcurrentActivityTaskPolls: settings.pollers,
    maxCachedWorkflows: settings.cachedWorkflowsMax,
    stickyQueueScheduleToStartTimeout: '2s',
    shutdownGraceTime: '1s',
    shutdownForceTime: '5s',
  });
  return { connection, worker };
}

/** Runs until SIGTERM; whoever started the process learns of readiness by one message. */
export async function runUntilStopped({ connection, worker }: FloorWorker, ready: unknown): Promise<void> {
  process.once('SIGTERM', () => worker.shutdown());
  process.once('disconnect', () => worker.shutdown());
  process.send?.({ ready });
  await worker.run();
  await connection.close();
}
