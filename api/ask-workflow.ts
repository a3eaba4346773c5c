import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  WorkflowUpdateStage,
  type Client,
  type WorkflowUpdateHandle,
} from '@temporalio/client';
import { fail } from './errors';
import { createTurns } from './turns';
import { isTemporalFull } from './unexpected-errors';

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

/** Half of the ten that Temporal takes of one workflow: another process, and what is under way, have room besides. */
const atOnceMax = 5;
const waitingMax = 100;

/**
 * Asks a workflow for something and waits for the end of it, until the deadline. What Temporal has not taken by then may
 * be lost, or be taken a moment later: nobody must be told that it goes on. What is done at once is known as soon as it is
 * taken; only what takes its time costs a second call.
 */
export function createAskWorkflow({ connection, workflow }: Client) {
  const inTurn = createTurns({ atOnceMax, waitingMax });

  return async function askWorkflow<Result, Asked>(
    question: Question<Asked>,
  ): Promise<WorkflowAnswer<Result>> {
    const { workflowId, deadline } = question;
    // A turn that came at the last moment would leave no time to hear whether it is taken.
    const turnBy = (Date.now() + deadline) / 2;
    const answer = await inTurn(workflowId, turnBy, async () =>
      hear(await send<Result, Asked>(question), deadline),
    );
    if (answer === undefined) throw fail('too_many_commands');
    return answer;
  };

  async function send<Result, Asked>({ workflowId, update, asked, updateId, deadline }: Question<Asked>) {
    try {
      return await connection.withDeadline(deadline, () =>
        workflow.getHandle(workflowId).startUpdate<Result, [Asked]>(update, {
          args: [asked],
          updateId,
          waitForStage: WorkflowUpdateStage.ACCEPTED,
        }),
      );
    } catch (error) {
      if (isTemporalFull(error)) throw fail('too_many_commands');
      throw isTooLate(error) ? fail('command_outcome_unknown') : error;
    }
  }

  async function hear<Result>(
    taken: WorkflowUpdateHandle<Result>,
    deadline: number,
  ): Promise<WorkflowAnswer<Result>> {
    try {
      return { kind: 'done', result: await connection.withDeadline(deadline, () => taken.result()) };
    } catch (error) {
      if (isTooLate(error)) return { kind: 'under_way' };
      throw error;
    }
  }
}

function isTooLate(error: unknown): boolean {
  return isGrpcDeadlineError(error) || isGrpcCancelledError(error);
}
