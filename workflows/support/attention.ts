import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  upsertSearchAttributes,
} from '@temporalio/workflow';

/** Why a person should look; docs/runbooks/stuck-payment.md says what each means. */
export type Attention =
  | 'unknown'
  | 'review'
  | 'suspense'
  | 'unconfirmed_expiry'
  | 'unconfirmed_capture'
  | 'unreleased_charge'
  | 'channel_removed'
  | 'charge_conflict'
  | 'no_channel';

/**
 * Puts the workflow on the operators' list in Temporal UI (`Attention = "unknown"`), or takes it off. Each call
 * costs an event, so it is kept for what a person may have to look at.
 */
export function callForAttention(reason: Attention | undefined): void {
  upsertSearchAttributes({ Attention: reason === undefined ? [] : [reason] });
}

/**
 * What a step that could not be done, for a day or for good, means to a person: `usual`, or that its channel is gone.
 * What is no matter of a channel that can't be asked ends the workflow, as it must.
 */
export function attentionFor(error: unknown, usual: Attention): Attention {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) return usual;
  if (cause.type === 'ChannelRemoved') return 'channel_removed';
  if (cause.nonRetryable === true) throw error;
  return usual;
}
