import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  callbackWorkflowId,
  signalNames,
  workflowNames,
  workflowTaskTimeout,
  type CallbackInput,
  type TaskQueues,
} from '../../workflows/contracts';
import { isAlreadyStarted } from '../payment/workflow-starter';
import { createSoon } from '../soon';

export type CallbackTimings = Omit<CallbackInput, 'eventId'>;

export function createCallbackStarter(deps: {
  client: Client;
  queues: TaskQueues;
  timings: CallbackTimings;
}) {
  const { client, queues, timings } = deps;

  const optionsFor = (eventId: string) => ({
    workflowId: callbackWorkflowId(eventId),
    taskQueue: queues.operations,
    args: [{ eventId, ...timings }] as [CallbackInput],
    workflowTaskTimeout,
  });

  const soon = createSoon(client);

  return {
    /** For the relay. A workflow that runs, or has come to its own end, is as good as a new one. */
    async start(eventId: string): Promise<void> {
      try {
        await soon(() =>
          client.workflow.start(workflowNames.callback, {
            ...optionsFor(eventId),
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          }),
        );
      } catch (error) {
        if (!isAlreadyStarted(error)) throw error;
      }
    },

    /** For the sweep: one that runs keeps running, and one that Temporal has lost begins anew. */
    async resume(eventId: string): Promise<'resumed' | 'running'> {
      try {
        await soon(() =>
          client.workflow.start(workflowNames.callback, {
            ...optionsFor(eventId),
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          }),
        );
        return 'resumed';
      } catch (error) {
        if (isAlreadyStarted(error)) return 'running';
        throw error;
      }
    },

    /** By hand: tries at once, whether its workflow is running, has finished or never was. */
    async resend(eventId: string): Promise<void> {
      await soon(() =>
        client.workflow.signalWithStart(workflowNames.callback, {
          ...optionsFor(eventId),
          signal: signalNames.resend,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        }),
      );
    },
  };
}
