import { upsertSearchAttributes } from '@temporalio/workflow';

export type Attention = 'unknown' | 'review' | 'suspense' | 'unconfirmed_expiry';

/**
 * Puts the workflow on the operators' list in Temporal UI (`Attention = "unknown"`), or takes it off. Each call
 * costs an event, so it is kept for what a person may have to look at.
 */
export function callForAttention(reason: Attention | undefined): void {
  upsertSearchAttributes({ Attention: reason === undefined ? [] : [reason] });
}
