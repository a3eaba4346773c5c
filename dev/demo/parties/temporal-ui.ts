import type { StackFile } from '../../stack/stack-file';
import { until } from './http';

// What Temporal UI itself asks its server for, read as an operator's browser reads it.
const namespace = process.env.TEMPORAL_NAMESPACE || 'durapay';

interface Described {
  workflowExecutionInfo: { status: string; historyLength: string };
}

export function paymentWorkflow(merchantId: string, orderId: string): string {
  return `payment/test/${merchantId}/${orderId}`;
}

export function workflowLink(stack: StackFile, workflowId: string): string {
  return `${stack.ui}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}

/** The workflow as the operators' list shows it, once it has ended. */
export async function endedWorkflow(
  stack: StackFile,
  workflowId: string,
  signal: AbortSignal,
): Promise<{ status: string; events: number }> {
  const url = `${stack.ui}/api/v1/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  return until(signal, async () => {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`Temporal UI answered ${response.status} for ${workflowId}`);
    const { workflowExecutionInfo: info } = (await response.json()) as Described;
    const status = info.status.replace('WORKFLOW_EXECUTION_STATUS_', '').toLowerCase();
    return status === 'running' ? undefined : { status, events: Number(info.historyLength) };
  });
}
