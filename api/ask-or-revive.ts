import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** A run that was begun for this may end before it is asked. */
const triesMax = 3;
const pauseMs = 100;

/**
 * Asks the workflow of something that is open. One that is not there has ended since that was read, which `whatEnded`
 * looks up and answers, or Temporal has lost it, and `revive` gives it another. Where only a task was lost that had this
 * with it, the workflow is asked again: `ask` names what it asks by one id, so that it is done once.
 */
export async function askOrRevive<T>(
  ask: () => Promise<T>,
  otherwise: { whatEnded: () => Promise<T | undefined>; revive: () => Promise<unknown> },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const isTaskOnly = isOfLostTask(error);
      if (!isTaskOnly && !isGone(error)) throw error;
      const answer = await otherwise.whatEnded();
      if (answer !== undefined) return answer;
      if (tries === triesMax) throw error;
      await (isTaskOnly ? sleep(tries * pauseMs) : otherwise.revive());
    }
  }
}

/** No run is there, or the last one was ended with what it had been asked: Temporal says so for ever, until there is another. */
function isGone(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow';
}

/** Temporal has no code of its own for it. */
function isOfLostTask(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  const reason = error.cause instanceof Error ? error.cause.message : '';
  return /unexpected workflow task failure/i.test(`${error.message} ${reason}`);
}
