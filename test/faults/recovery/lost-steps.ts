import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { PendingActivityState, PendingWorkflowTaskState, TaskQueueKind } = temporal.api.enums.v1;

/** What a process had in its hands when it died, or what lay in the queue that only it would have asked. */
export interface LostStep {
  workflowId: string;
  /** For people: 'a workflow task', or the activity's name. */
  name: string;
  /** The queue that others take it from: says which processes could have. */
  queue: string;
  /** From when on it lay: it was begun before the death, or was given to the dead one afterwards. */
  sinceMs: number;
  activityId?: string;
  /** Of an activity: the try that was lost. */
  attempt?: number;
  /** When the lost try had begun, if it had: a task may lie in the queue of the dead untouched. */
  startedAtMs?: number;
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Described = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;

export interface LostSteps {
  /** All that lies with this process, by what Temporal knows of it: workers name themselves `pid@host`. */
  find(pid: number, diedAtMs: number): Promise<LostStep[]>;
  /** When somebody went on with it; undefined while nobody has. */
  goneOnAt(step: LostStep): Promise<number | undefined>;
  /** When Temporal gave a lost workflow task to others: from then on it waited for a process to have time. */
  givenOutAt(step: LostStep): Promise<number | undefined>;
}

const listedMax = 2_000;
const describedAtOnce = 8;
const newestMax = 60;

export function createLostSteps(client: Client, which: string): LostSteps {
  const { namespace } = client.options;
  const describe = (workflowId: string): Promise<Described> =>
    client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });

  async function runningWorkflows(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: which })) {
      if (ids.push(workflowId) >= listedMax) break;
    }
    return ids;
  }

  async function lostBy(workflowId: string, pid: number, diedAtMs: number): Promise<LostStep[]> {
    const described = await describe(workflowId);
    const { pendingActivities, pendingWorkflowTask: task } = described;
    const queue = described.workflowExecutionInfo?.taskQueue ?? '';
    const lost: LostStep[] = [];
    for (const activity of pendingActivities ?? []) {
      if (activity.state !== PendingActivityState.PENDING_ACTIVITY_STATE_STARTED) continue;
      if (!isOf(pid, activity.lastWorkerIdentity)) continue;
      const startedAtMs = msOf(activity.lastStartedTime);
      lost.push({
        workflowId,
        name: activity.activityType?.name ?? 'an activity',
        queue,
        sinceMs: Math.max(diedAtMs, startedAtMs ?? 0),
        startedAtMs,
        activityId: activity.activityId ?? '',
        attempt: activity.attempt ?? 1,
      });
    }
    if (task != null && isOf(pid, await holderOfTask(workflowId))) {
      const isStarted = task.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED;
      const startedAtMs = isStarted ? msOf(task.startedTime) : undefined;
      const sinceMs = Math.max(diedAtMs, startedAtMs ?? msOf(task.scheduledTime) ?? 0);
      lost.push({ workflowId, name: 'a workflow task', queue, sinceMs, startedAtMs });
    }
    return lost;
  }

  async function newestEvents(workflowId: string): Promise<HistoryEvent[]> {
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId },
      maximumPageSize: newestMax,
    });
    return history?.events ?? [];
  }

  /** Who works on the newest workflow task, or whose own queue it lies in. */
  async function holderOfTask(workflowId: string): Promise<string | undefined> {
    for (const event of await newestEvents(workflowId)) {
      if (event.workflowTaskStartedEventAttributes != null) {
        return event.workflowTaskStartedEventAttributes.identity ?? undefined;
      }
      const queue = event.workflowTaskScheduledEventAttributes?.taskQueue;
      if (queue != null) {
        return queue.kind === TaskQueueKind.TASK_QUEUE_KIND_STICKY ? (queue.name ?? undefined) : undefined;
      }
      if (event.workflowTaskCompletedEventAttributes != null) return undefined;
      if (event.workflowTaskTimedOutEventAttributes != null) return undefined;
    }
    return undefined;
  }

  /** It is not pending any more, so it was done: the history says when that had begun. */
  async function begunAgainAt({
    workflowId,
    activityId,
    sinceMs,
    // What lay in the queue of the dead untouched was begun by nobody before that.
    startedAtMs = sinceMs - 1,
  }: LostStep): Promise<number | undefined> {
    const events = await newestEvents(workflowId);
    const scheduled = events.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityId === activityId,
    )?.eventId;
    const begun = events
      .filter(({ workflowTaskStartedEventAttributes: task, activityTaskStartedEventAttributes: activity }) =>
        activityId === undefined
          ? task != null
          : activity != null && String(activity.scheduledEventId) === String(scheduled),
      )
      .map(({ eventTime }) => msOf(eventTime) ?? 0)
      .filter((atMs) => atMs > startedAtMs);
    return begun.length === 0 ? undefined : Math.min(...begun);
  }

  async function givenOutAt({ workflowId, activityId, startedAtMs }: LostStep): Promise<number | undefined> {
    if (activityId !== undefined || startedAtMs === undefined) return undefined;
    const given = (await newestEvents(workflowId))
      .filter(({ workflowTaskScheduledEventAttributes: task }) => task != null)
      .map(({ eventTime }) => msOf(eventTime) ?? 0)
      .filter((atMs) => atMs > startedAtMs);
    return given.length === 0 ? undefined : Math.min(...given);
  }

  return {
    givenOutAt,
    async find(pid, diedAtMs) {
      const left = await runningWorkflows();
      const found: LostStep[] = [];
      const look = async (): Promise<void> => {
        for (let id = left.pop(); id !== undefined; id = left.pop()) {
          found.push(...(await lostBy(id, pid, diedAtMs)));
        }
      };
      await Promise.all(Array.from({ length: describedAtOnce }, look));
      return found;
    },

    async goneOnAt(step) {
      const { workflowId, activityId, attempt = 1, startedAtMs } = step;
      const { pendingActivities, pendingWorkflowTask, workflowExecutionInfo } = await describe(workflowId);
      if (workflowExecutionInfo?.closeTime != null) {
        return (await begunAgainAt(step)) ?? msOf(workflowExecutionInfo.closeTime);
      }
      const isLater = (atMs: number | undefined): boolean => atMs !== undefined && atMs > (startedAtMs ?? 0);
      if (activityId === undefined) {
        if (pendingWorkflowTask == null) return (await begunAgainAt(step)) ?? Date.now();
        const atMs = msOf(pendingWorkflowTask.startedTime);
        return atMs !== undefined && isLater(atMs) ? ((await begunAgainAt(step)) ?? atMs) : undefined;
      }
      const activity = (pendingActivities ?? []).find((one) => one.activityId === activityId);
      if (activity === undefined) return (await begunAgainAt(step)) ?? Date.now();
      // Its workflow has gone on without it.
      if (activity.state === PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED) return Date.now();
      const atMs = msOf(activity.lastStartedTime);
      if (isLater(atMs)) return atMs;
      // Tried again, and that try has ended as well: it waits for the one after.
      if ((activity.attempt ?? 1) > attempt + 1) return msOf(activity.lastAttemptCompleteTime) ?? Date.now();
      // A step that had failed before waits as long as its own back-off says: that is not the recovery's doing,
      // which ends when the try is known to be lost and the next one has its time.
      return attempt > 1 && (activity.attempt ?? 1) > attempt ? Date.now() : undefined;
    },
  };
}

function isOf(pid: number, identity: string | null | undefined): boolean {
  return identity?.startsWith(`${pid}@`) === true;
}

function msOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | undefined {
  if (time == null) return undefined;
  return Number(time.seconds ?? 0) * 1_000 + Math.floor((time.nanos ?? 0) / 1_000_000);
}
