/** Starts workflow `callback/{eventId}`; one that exists already is as good. Rejects if Temporal is away. */
export type StartCallbackWorkflow = (eventId: string) => Promise<void>;

export type StartResult = { kind: 'started' } | { kind: 'busy' } | { kind: 'away'; error?: unknown };

const runningMax = 32;
const waitingMax = 96;
/** After a failure nobody asks Temporal again for so long. */
const restMs = 1_000;

/**
 * Starts of callback workflows, so many at once. The line before them is short, so that failing endpoints at a
 * time when Temporal is slow or away can't fill the relay: whoever finds no place stays in the outbox.
 */
export function createWorkflowStarts(
  start: StartCallbackWorkflow,
): (eventId: string) => Promise<StartResult> {
  const waiting: (() => void)[] = [];
  let running = 0;
  let restUntil = 0;

  return async (eventId) => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax) return { kind: 'busy' };
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      if (restUntil > Date.now()) return { kind: 'away' };
      await start(eventId);
      return { kind: 'started' };
    } catch (error) {
      restUntil = Date.now() + restMs;
      return { kind: 'away', error };
    } finally {
      // The place goes to the next in line, or is free again.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
