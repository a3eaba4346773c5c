import type { AnswerDesk, PaymentAnswer } from '../../domain/payment/answer';
import { withinTime } from '../../telemetry/within-time';

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
        within: (timeoutMs) => withinTime(answer, timeoutMs, () => undefined),
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
