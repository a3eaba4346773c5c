import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  WorkflowUpdateStage,
  type Client,
} from '@temporalio/client';
import { fail } from './errors';

export interface Question<Asked> {
  workflowId: string;
  update: string;
  asked: Asked;
  /** The same for the same request: it is done once, and whoever asks again joins it or is told how it ended. */
  updateId: string;
  deadline: number;
}

export type WorkflowAnswer<Result> =
  | { kind: 'done'; result: Result }
  /** Temporal has it for good: it goes on without this request. */
  | { kind: 'under_way' };

/**
 * Asks a workflow for something and waits for the end of it, until the deadline. What Temporal has not taken by then may
 * be lost, or be taken a moment later: nobody must be told that it goes on. What is done at once is known as soon as it is
 * taken; only what takes its time costs a second call.
 */
export async function askWorkflow<Result, Asked>(
  { connection, workflow }: Client,
  { workflowId, update, asked, updateId, deadline }: Question<Asked>,
): Promise<WorkflowAnswer<Result>> {
  const taken = await connection
    .withDeadline(deadline, () =>
      workflow.getHandle(workflowId).startUpdate<Result, [Asked]>(update, {
        args: [asked],
        updateId,
        waitForStage: WorkflowUpdateStage.ACCEPTED,
      }),
    )
    .catch((error: unknown) => {
      throw isTooLate(error) ? fail('command_outcome_unknown') : error;
    });
  try {
    return { kind: 'done', result: await connection.withDeadline(deadline, () => taken.result()) };
  } catch (error) {
    if (isTooLate(error)) return { kind: 'under_way' };
    throw error;
  }
}

function isTooLate(error: unknown): boolean {
  return isGrpcDeadlineError(error) || isGrpcCancelledError(error);
}
