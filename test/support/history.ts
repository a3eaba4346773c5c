import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { EventType } = temporal.api.enums.v1;

export interface RecordedHistory {
  /** By name: `WORKFLOW_TASK_COMPLETED` … */
  events: string[];
  /** As it lies on the server: whoever reads its disk sees this. */
  raw: Buffer;
  workflowTasks: number;
}

/** A workflow's history as the server keeps it, nothing decoded. */
export async function recordedHistory(client: Client, workflowId: string): Promise<RecordedHistory> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const events = (history.events ?? []).map(({ eventType }) =>
    String(EventType[Number(eventType)]).replace('EVENT_TYPE_', ''),
  );
  return {
    events,
    raw: Buffer.from(temporal.api.history.v1.History.encode(history).finish()),
    workflowTasks: events.filter((event) => event === 'WORKFLOW_TASK_COMPLETED').length,
  };
}
