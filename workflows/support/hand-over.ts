import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { lateWorkflowId, workflowNames, workflowTaskTimeout, type LateInput } from '../contracts';

/** An event that is none of this run's goes to the workflow for late ones, which outlives the run; once, however often. */
export async function handOver(inboxId: string): Promise<void> {
  const input: LateInput = { inboxId };
  try {
    await startChild(workflowNames.late, {
      workflowId: lateWorkflowId(inboxId),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowTaskTimeout,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
