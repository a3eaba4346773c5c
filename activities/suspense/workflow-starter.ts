import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import {
  signalNames,
  suspenseWorkflowId,
  workflowNames,
  workflowTaskTimeout,
  type SuspenseInput,
  type TaskQueues,
} from '../../workflows/contracts';
import { isAlreadyStarted } from '../payment/workflow-starter';
import { createSoon } from '../soon';

/** Whoever finds money in suspense starts its workflow; one that runs goes on. */
export function createSuspenseStarter({ client, queues }: { client: Client; queues: TaskQueues }) {
  const optionsFor = (key: SuspenseKey) => ({
    workflowId: suspenseWorkflowId(key),
    taskQueue: queues.operations,
    args: [{ channelConfigId: key.channelConfigId, providerRef: key.providerRef }] as [SuspenseInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowTaskTimeout,
  });
  const soon = createSoon(client);
  return {
    async start(key: SuspenseKey): Promise<'started' | 'running'> {
      try {
        await soon(() =>
          client.workflow.start(workflowNames.suspense, {
            ...optionsFor(key),
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          }),
        );
        return 'started';
      } catch (error) {
        if (isAlreadyStarted(error)) return 'running';
        throw error;
      }
    },
    /** After a decision: the workflow looks at the row. */
    async nudge(key: SuspenseKey): Promise<void> {
      await soon(() =>
        client.workflow.signalWithStart(workflowNames.suspense, {
          ...optionsFor(key),
          signal: signalNames.decided,
        }),
      );
    },
  };
}
