import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { KeptHistory } from '../../db/stores/payment-histories-store';
import { historyLines, type HistoryEvent } from '../../domain/payment/history-lines';
import { failureText } from './failure-text';
import { toDate, toMs } from './timestamp';
import { isWorkflowNotFound } from './workflow-starter';

type RawEvent = temporal.api.history.v1.IHistoryEvent;

const readWithinMs = 5_000;
/** More than any healthy payment has; what comes after is not told. */
const eventsMax = 2_000;

const { EventType } = temporal.api.enums.v1;
/** What a run ends with. */
const ends: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
]);

export interface ReadHistory extends KeptHistory {
  /** The run has ended: nothing will be added. */
  isOver: boolean;
}

interface Activity {
  name: string;
  /** Its workflow has asked it to stop. */
  isToStop?: boolean;
}

/** A workflow's own story, as long as Temporal has it. */
export function createReadHistory(deps: { client: Client; codec: PayloadCodec }) {
  return async function readHistory(workflowId: string): Promise<ReadHistory | undefined> {
    try {
      return await deps.client.connection.withDeadline(Date.now() + readWithinMs, async () => {
        const history = await deps.client.workflow.getHandle(workflowId).fetchHistory();
        const all = history.events ?? [];
        const events = all.slice(0, eventsMax);
        const runId = events[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
        const lines = historyLines(await toEvents(events));
        return { workflowId, runId, lines, isOver: ends.has(Number(all.at(-1)?.eventType)) };
      });
    } catch (error) {
      if (isWorkflowNotFound(error)) return undefined;
      throw error;
    }
  };

  async function toEvents(events: readonly RawEvent[]): Promise<HistoryEvent[]> {
    const activities = new Map<string, Activity>();
    const told: HistoryEvent[] = [];
    for (const event of events) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      const stopped = event.activityTaskCancelRequestedEventAttributes;
      if (scheduled != null)
        activities.set(String(event.eventId), { name: scheduled.activityType?.name ?? '' });
      const toStop = activities.get(String(stopped?.scheduledEventId ?? ''));
      if (toStop !== undefined) toStop.isToStop = true;
      told.push(await toEvent(event, activities));
    }
    return told;
  }

  async function toEvent(event: RawEvent, activities: ReadonlyMap<string, Activity>): Promise<HistoryEvent> {
    const started = event.activityTaskStartedEventAttributes;
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    const ended = failed ?? event.activityTaskCanceledEventAttributes;
    const activity = activities.get(String(started?.scheduledEventId ?? ended?.scheduledEventId ?? ''));
    const timeout = event.timerStartedEventAttributes?.startToFireTimeout;
    return {
      at: toDate(event.eventTime).toISOString(),
      type: String(temporal.api.enums.v1.EventType[Number(event.eventType)]).replace('EVENT_TYPE_', ''),
      attempt: started?.attempt ?? undefined,
      activity: activity?.name,
      isToStop: activity?.isToStop,
      failure: await failureText(
        started?.lastFailure ??
          failed?.failure ??
          event.workflowTaskFailedEventAttributes?.failure ??
          event.workflowExecutionFailedEventAttributes?.failure,
        deps.codec,
      ),
      signal: event.workflowExecutionSignaledEventAttributes?.signalName ?? undefined,
      update: event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name ?? undefined,
      timerMs: timeout == null ? undefined : toMs(timeout),
      summary: await summaryOf(event),
    };
  }

  async function summaryOf({ userMetadata }: RawEvent): Promise<string | undefined> {
    if (userMetadata?.summary == null) return undefined;
    const [plain] = await deps.codec.decode([userMetadata.summary]);
    const text: unknown = JSON.parse(Buffer.from(plain?.data ?? []).toString('utf8'));
    return typeof text === 'string' ? text : undefined;
  }
}
