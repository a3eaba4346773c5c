import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { StuckStep } from '../../domain/payment/explain-stuck';
import { causeOf, failureText, type RawFailure } from './failure-text';
import { toDate } from './timestamp';
import { isWorkflowNotFound } from './workflow-starter';

type PendingStep = temporal.api.workflow.v1.IPendingActivityInfo;

/** It is told to somebody who waits for a page: without it the page says less. */
const readWithinMs = 2_000;

/** The step that a workflow repeats, if the last try of it failed. Histories do not have it before it is done. */
export function createReadStuckStep(deps: { client: Client; codec: PayloadCodec }) {
  return async function readStuckStep(workflowId: string): Promise<StuckStep | undefined> {
    try {
      return await deps.client.connection.withDeadline(Date.now() + readWithinMs, async () => {
        const { raw } = await deps.client.workflow.getHandle(workflowId).describe();
        const failing = raw.pendingActivities?.find(({ lastFailure }) => lastFailure != null);
        return failing && toStuckStep(failing);
      });
    } catch (error) {
      if (isWorkflowNotFound(error)) return undefined;
      throw error;
    }
  };

  async function toStuckStep({ activityType, attempt, lastFailure, nextAttemptScheduleTime }: PendingStep) {
    return {
      step: activityType?.name ?? '',
      error: nameOf(causeOf(lastFailure)),
      message: (await failureText(lastFailure, deps.codec)) ?? 'no reason known',
      // The one that is under way or comes next is counted already.
      tries: Math.max((attempt ?? 1) - 1, 1),
      nextTryAt: nextAttemptScheduleTime == null ? undefined : toDate(nextAttemptScheduleTime).toISOString(),
    };
  }
}

function nameOf(failure: RawFailure): string {
  return failure?.applicationFailureInfo?.type || (failure?.timeoutFailureInfo == null ? 'Error' : 'Timeout');
}
