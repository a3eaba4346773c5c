import type { Settings } from '../config/settings';
import { taskQueues, type TaskQueues } from '../workflows/contracts';

/** A prefix lets several installations, or tests, share one namespace without taking each other's tasks. */
export function queuesOf(settings: Pick<Settings, 'TASK_QUEUE_PREFIX'>): TaskQueues {
  const name = (queue: string) => settings.TASK_QUEUE_PREFIX + queue;
  return { payments: name(taskQueues.payments), operations: name(taskQueues.operations) };
}
