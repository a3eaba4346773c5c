import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { publicId } from '../../domain/ids';
import type { Queryable } from '../../db/pool';
import { loadRefund } from '../../db/stores/refunds-store';
import { isRefundOver } from '../../domain/refund/status';
import {
  refundWorkflowId,
  signalNames,
  workflowNames,
  workflowTaskTimeout,
  type RefundAsk,
  type RefundInput,
  type RefundTimings,
  type SignalledRefundEvent,
  type TaskQueues,
} from '../../workflows/contracts';
import { searchAttributes } from '../payment/search-attributes';
import { isAlreadyStarted, isWorkflowNotFound } from '../payment/workflow-starter';
import { createSoon, newsWithinMs } from '../soon';

export interface RefundStarterDeps {
  client: Client;
  queues: TaskQueues;
  database: Queryable;
  timings: RefundTimings & { openWithinMs: number };
}

/** Starting, resuming and signalling the workflows of refunds. */
export function createRefundStarter({ client, queues, database, timings }: RefundStarterDeps) {
  const { openWithinMs, ...refundTimings } = timings;
  const soon = createSoon(client);
  const tell = createSoon(client, newsWithinMs);

  /** False: there is one already, and it goes on. */
  async function start(input: RefundInput, of: Pick<RefundAsk, 'merchantId' | 'mode' | 'currency'>) {
    try {
      await soon(() =>
        client.workflow.start(workflowNames.refund, {
          workflowId: refundWorkflowId(input.refundId),
          taskQueue: queues.payments,
          args: [input] as [RefundInput],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowTaskTimeout,
          requestEagerStart: (input.ask ?? input.askOfAccepted) !== undefined,
          typedSearchAttributes: searchAttributes({
            merchantId: publicId('merchant', of.merchantId),
            mode: of.mode,
            currency: of.currency,
          }),
        }),
      );
      return true;
    } catch (error) {
      if (isAlreadyStarted(error)) return false;
      throw error;
    }
  }

  async function resume(refundId: string): Promise<'resumed' | 'running' | 'over'> {
    const refund = await loadRefund(database, refundId);
    if (refund === undefined || isRefundOver(refund.status)) return 'over';
    const input = { refundId, openBy: refund.createdAt.toISOString(), timings: refundTimings };
    return (await start(input, refund)) ? 'resumed' : 'running';
  }

  async function signal(refundId: string, name: string, ...told: SignalledRefundEvent[]): Promise<boolean> {
    try {
      await tell(() => client.workflow.getHandle(refundWorkflowId(refundId)).signal(name, ...told));
      return true;
    } catch (error) {
      if (isWorkflowNotFound(error)) return false;
      throw error;
    }
  }

  return {
    begin(refundId: string, ask: RefundAsk): Promise<boolean> {
      const openBy = new Date(Date.now() + openWithinMs).toISOString();
      const { lateCharge } = ask;
      const asked = lateCharge === undefined ? { ask } : { askOfAccepted: { ...ask, lateCharge } };
      return start({ refundId, ...asked, openBy, timings: refundTimings }, ask);
    },
    /** Gives a refund a workflow that has lost its own: it finds its row and carries on. */
    resume,
    /** Brings an event to the refund's workflow, or to a new one. False: the refund is over, or is not ours. */
    async deliver(refundId: string, told: SignalledRefundEvent): Promise<boolean> {
      if (await signal(refundId, signalNames.refundEvent, told)) return true;
      if ((await resume(refundId)) === 'over') return false;
      return signal(refundId, signalNames.refundEvent, told);
    },
    /** An operator's word on it stands: its workflow looks, or a new one does. */
    async nudge(refundId: string): Promise<void> {
      if (!(await signal(refundId, signalNames.decided))) await resume(refundId);
    },
  };
}

export type RefundStarter = ReturnType<typeof createRefundStarter>;
