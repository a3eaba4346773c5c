import { WorkflowNotFoundError } from '@temporalio/client';

/** A run that was begun for this may end before it is asked. */
const triesMax = 3;

/**
 * Asks the workflow of something that is open. One that is not there has ended since that was read, which `whatEnded`
 * looks up and answers, or Temporal has lost it, and `revive` gives it another.
 */
export async function askOrRevive<T>(
  ask: () => Promise<T>,
  otherwise: { whatEnded: () => Promise<T | undefined>; revive: () => Promise<unknown> },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const answer = await otherwise.whatEnded();
      if (answer !== undefined) return answer;
      if (tries === triesMax) throw error;
      await otherwise.revive();
    }
  }
}
