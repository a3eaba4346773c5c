import type { Platform } from './platform';

/** Why the payment is on the operators' list in Temporal UI. */
export async function attentionOf(platform: Platform, orderId: string): Promise<string[]> {
  const { searchAttributes } = await platform.temporal.workflow
    .getHandle(platform.workflowId(orderId))
    .describe();
  return (searchAttributes as Record<string, string[]>)['Attention'] ?? [];
}
