import type { Desk } from '../../domain/payment/answer';
import { withinTime } from '../../telemetry/within-time';

/**
 * Two may wait for one payment, so a workflow id leads to a set of waiters. The number of waiters is bounded: past it
 * a request reads the row instead, which is slower and just as right, and a first step waits for no news.
 */
export function createDesk<Delivery>(waitersMax: number): Desk<Delivery> {
  const waiting = new Map<string, Set<(delivery: Delivery) => void>>();
  let count = 0;

  return {
    wait(workflowId) {
      if (count >= waitersMax) return undefined;
      let give: (delivery: Delivery) => void = () => undefined;
      const delivered = new Promise<Delivery>((resolve) => (give = resolve));
      const waiters = waiting.get(workflowId) ?? new Set();
      waiting.set(workflowId, waiters.add(give));
      count += 1;

      return {
        within: (timeoutMs) => withinTime(delivered, timeoutMs, () => undefined),
        leave() {
          if (!waiters.delete(give)) return;
          count -= 1;
          if (waiters.size === 0) waiting.delete(workflowId);
        },
      };
    },
    deliver(workflowId, delivery) {
      const waiters = waiting.get(workflowId);
      for (const give of waiters ?? []) give(delivery);
      return waiters !== undefined;
    },
  };
}
