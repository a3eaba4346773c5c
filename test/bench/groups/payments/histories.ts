import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { parsePublicId } from '../../../../domain/ids';
import { paymentWorkflowId } from '../../../../domain/payment/reference';
import type { Stack } from '../../../../dev/stack/stack';

export interface HistoryCost {
  events: number;
  workflowTasks: number;
}

const closesWithinMs = 10_000;

/** Reads what payments cost Temporal from their real histories. */
export async function readHistories(stack: Stack, orderIds: readonly string[]): Promise<HistoryCost[]> {
  const merchantId = parsePublicId('merchant', stack.demo.merchantId) ?? '';
  const connection = await Connection.connect({ address: stack.env.TEMPORAL_ADDRESS });
  try {
    const client = new Client({ connection, namespace: stack.env.TEMPORAL_NAMESPACE ?? 'durapay' });
    const costs: HistoryCost[] = [];
    for (const orderId of orderIds) {
      const handle = client.workflow.getHandle(paymentWorkflowId('test', merchantId, orderId));
      await closed(async () => (await handle.describe()).status.name !== 'RUNNING');
      const { events } = await handle.fetchHistory();
      costs.push({ events: events?.length ?? 0, workflowTasks: count(events ?? []) });
    }
    return costs;
  } finally {
    await connection.close();
  }
}

function count(events: readonly temporal.api.history.v1.IHistoryEvent[]): number {
  const started = temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED;
  return events.filter((event) => event.eventType === started).length;
}

/** The merchant is told when the change is committed; the workflow closes a moment later. */
async function closed(isClosed: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + closesWithinMs;
  while (!(await isClosed())) {
    if (Date.now() > deadline) throw new Error('A finished payment’s workflow did not close.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
