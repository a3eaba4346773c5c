import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  messageWorkflowId,
  signalNames,
  workflowNames,
  type MessageInput,
  type TaskQueues,
} from '../../workflows/contracts';
import { isAlreadyStarted } from '../payment/workflow-starter';
import { createSoon } from '../soon';

/** Starting and nudging the workflows of messages. */
export function createMessageStarter({ client, queues }: { client: Client; queues: TaskQueues }) {
  const soon = createSoon(client);
  const optionsFor = (messageId: string) => ({
    workflowId: messageWorkflowId(messageId),
    taskQueue: queues.operations,
    args: [{ messageId }] as [MessageInput],
    // A run that has ended is no obstacle: the row says what is left to do.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  });

  return {
    /** One that runs goes on. */
    async start(messageId: string): Promise<'resumed' | 'running'> {
      try {
        await soon(() =>
          client.workflow.start(workflowNames.message, {
            ...optionsFor(messageId),
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          }),
        );
        return 'resumed';
      } catch (error) {
        if (isAlreadyStarted(error)) return 'running';
        throw error;
      }
    },
    /** After an operator's word: the workflow looks at the row. */
    async nudge(messageId: string): Promise<void> {
      await soon(() =>
        client.workflow.signalWithStart(workflowNames.message, {
          ...optionsFor(messageId),
          signal: signalNames.look,
        }),
      );
    },
  };
}
