import type { AnswerDesk, PaymentAnswer } from '../../domain/payment/answer';

/**
 * Two requests may wait for one payment, so a workflow id leads to a set of waiters. The number of waiters is
 * bounded: past it a request reads the row instead, which is slower and just as right.
 */
export function createAnswerDesk(waitersMax: number): AnswerDesk {
  const waiting = new Map<string, Set<(answer: PaymentAnswer) => void>>();
  let count = 0;

  return {
    wait(workflowId) {
      if (count >= waitersMax) return undefined;
      let give: (answer: PaymentAnswer) => void = () => undefined;
      const answer = new Promise<PaymentAnswer>((resolve) => (give = resolve));
      const waiters = waiting.get(workflowId) ?? new Set();
      waiting.set(workflowId, waiters.add(give));
      count += 1;

      return {
        within: (timeoutMs) => withTimeLimit(answer, timeoutMs),
        leave() {
          if (!waiters.delete(give)) return;
          count -= 1;
          if (waiters.size === 0) waiting.delete(workflowId);
        },
      };
    },
    deliver(workflowId, answer) {
      for (const give of waiting.get(workflowId) ?? []) give(answer);
    },
  };
}

async function withTimeLimit<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
