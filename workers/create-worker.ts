import { Worker, type WorkerDeploymentOptions } from '@temporalio/worker';
import type { Settings } from '../config/settings';
import type { Temporal } from './temporal';
import { heartbeats } from './heartbeats';
import { MainThreadWorker } from './main-thread-worker';

/** A worker with what all have in common, whatever queue they serve. */
export function createWorker(
  settings: Settings,
  temporal: Temporal,
  own: { taskQueue: string; bundleFile: string; activities: object; endsSoon: boolean },
): Promise<Worker> {
  const kind = settings.WORKFLOW_CALL_STACKS ? Worker : MainThreadWorker;
  return kind.create({
    connection: temporal.connection,
    namespace: settings.TEMPORAL_NAMESPACE,
    taskQueue: own.taskQueue,
    workflowBundle: { codePath: own.bundleFile },
    activities: own.activities,
    interceptors: { activity: [heartbeats] },
    dataConverter: temporal.dataConverter,
    // A task's slot is held while a channel answers; with no more slots than pollers nothing starts eagerly.
    maxConcurrentWorkflowTaskExecutions: settings.WORKER_TASK_SLOTS,
    maxConcurrentLocalActivityExecutions: settings.WORKER_TASK_SLOTS,
    maxConcurrentActivityTaskExecutions: settings.WORKER_TASK_SLOTS,
    maxConcurrentWorkflowTaskPolls: settings.WORKER_POLLERS,
    maxConcurrentActivityTaskPolls: settings.WORKER_POLLERS,
    maxCachedWorkflows: settings.WORKER_CACHED_WORKFLOWS_MAX,
    // A worker that died is waited for no longer than this.
    stickyQueueScheduleToStartTimeout: '2s',
    shutdownGraceTime: settings.SHUTDOWN_GRACE_MS,
    shutdownForceTime: settings.SHUTDOWN_GRACE_MS + 5_000,
    workerDeploymentOptions: deployment(settings, own.endsSoon),
  });
}

/**
 * Deployed, a payment stays with the build it began on (pinned). What may wait for a bank or a person for months goes on
 * with the current one, or no build could ever be taken away. The embedded stack runs one build at a time, so there
 * yesterday's open payments go on with today's code, which `patched()` and the replay test keep possible.
 */
function deployment(settings: Settings, endsSoon: boolean): WorkerDeploymentOptions | undefined {
  if (settings.WORKER_VERSIONING === 'off') return undefined;
  return {
    useWorkerVersioning: true,
    version: { deploymentName: settings.WORKER_DEPLOYMENT_NAME, buildId: settings.WORKER_BUILD_ID },
    defaultVersioningBehavior:
      settings.WORKER_VERSIONING === 'pinned' && endsSoon ? 'PINNED' : 'AUTO_UPGRADE',
  };
}
