import { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { setTimeout as sleep } from 'node:timers/promises';

interface Where {
  address: string;
  namespace: string;
}

/** Whether the worker process `pid` of this machine asks for tasks of that queue. */
export async function isPolledBy(where: Where, taskQueue: string, pid: number): Promise<boolean> {
  return withConnection(where.address, async ({ workflowService }) => {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: where.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    return (pollers ?? []).some(({ identity }) => identity?.startsWith(`${pid}@`));
  });
}

const CURRENT_WITHIN_MS = 20_000;

/** From now on open workflows and new ones go on with this build. Retries until its workers are known. */
export async function makeBuildCurrent(
  where: Where,
  build: { deploymentName: string; buildId: string },
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + CURRENT_WITHIN_MS;
  await withConnection(where.address, async ({ workflowService }) => {
    for (;;) {
      signal?.throwIfAborted();
      try {
        await workflowService.setWorkerDeploymentCurrentVersion({ namespace: where.namespace, ...build });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(100);
      }
    }
  });
}

async function withConnection<T>(address: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
