import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { publicId } from '../../domain/ids';
import { paymentWorkflowId } from '../../domain/payment/reference';
import type { PaymentRequest } from '../../domain/payment/request';
import { createSoon } from '../soon';
import { searchAttributes } from './search-attributes';
import {
  workflowNames,
  workflowTaskTimeout,
  type PaymentInput,
  type TaskQueues,
} from '../../workflows/contracts';

export interface StartTimings {
  openWithinMs: number;
  firstPollMs: number;
  pollMsMax: number;
}

export function paymentInput(request: PaymentRequest, timings: StartTimings, now: number): PaymentInput {
  return {
    request,
    openBy: new Date(now + timings.openWithinMs).toISOString(),
    firstPollMs: timings.firstPollMs,
    pollMsMax: timings.pollMsMax,
  };
}

/** Everything about a payment's workflow but whether it starts eagerly: first start, resumption and signal share it. */
export function paymentWorkflowOptions(input: PaymentInput, queues: TaskQueues) {
  const { request } = input;
  return {
    workflowId: paymentWorkflowId(request.mode, request.merchantId, request.orderId),
    taskQueue: queues.payments,
    args: [input] as [PaymentInput],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    // A run that failed had no effect and was never acknowledged (docs/adr/0005): its orderId may start again.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowTaskTimeout,
    typedSearchAttributes: searchAttributes({
      merchantId: publicId('merchant', request.merchantId),
      mode: request.mode,
      currency: request.currency,
    }),
  };
}

/**
 * Starts the workflow of an open payment anew, for when Temporal lost it: it finds its own row and carries on.
 * A workflow that is running after all keeps running.
 */
export function createResumePayment(client: Client, queues: TaskQueues, timings: StartTimings) {
  const soon = createSoon(client);
  return async function resumePayment(request: PaymentRequest): Promise<'resumed' | 'running'> {
    // Its time for a first provider call is over by definition: `openBy` lies in the past.
    const input = { ...paymentInput(request, timings, Date.parse(request.createdAt)), isResumed: true };
    try {
      await soon(() =>
        client.workflow.start(workflowNames.payment, {
          ...paymentWorkflowOptions(input, queues),
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        }),
      );
      return 'resumed';
    } catch (error) {
      if (isAlreadyStarted(error)) return 'running';
      throw error;
    }
  };
}

export function isAlreadyStarted(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';
}

export function isWorkflowNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}

export type StartWorkflow = (request: PaymentRequest) => Promise<'eager' | 'elsewhere' | 'duplicate'>;

/** The first start of a payment. `eager`: its first task came back in the same answer and runs in this process. */
export function createEagerStart(
  client: Client,
  queues: TaskQueues,
  timings: StartTimings & { startTimeoutMs: number },
): StartWorkflow {
  return async function startPayment(request) {
    const options = paymentWorkflowOptions(paymentInput(request, timings, Date.now()), queues);
    try {
      const handle = await client.connection.withDeadline(Date.now() + timings.startTimeoutMs, () =>
        client.workflow.start(workflowNames.payment, { ...options, requestEagerStart: true }),
      );
      return handle.eagerlyStarted ? 'eager' : 'elsewhere';
    } catch (error) {
      if (isAlreadyStarted(error)) return 'duplicate';
      throw error;
    }
  };
}
