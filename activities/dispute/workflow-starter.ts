import { WithStartWorkflowOperation, WorkflowUpdateStage, type Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { StoredDispute } from '../../db/stores/disputes-store';
import { publicId } from '../../domain/ids';
import {
  disputeWorkflowId,
  signalNames,
  workflowNames,
  workflowTaskTimeout,
  updateNames,
  type DisputeInput,
  type DisputeProgress,
  type DisputeResult,
  type GivenEvidence,
  type SignalledDisputeEvent,
  type TaskQueues,
} from '../../workflows/contracts';
import { searchAttributes } from '../payment/search-attributes';
import { isAlreadyStarted } from '../payment/workflow-starter';
import { createSoon, newsWithinMs } from '../soon';

type DisputeWorkflow = (input: DisputeInput) => Promise<DisputeResult>;
type About = Pick<StoredDispute, 'merchantId' | 'mode' | 'currency'>;

/** Starting, resuming and signalling the workflows of disputes. */
export function createDisputeStarter({ client, queues }: { client: Client; queues: TaskQueues }) {
  const soon = createSoon(client);
  const tell = createSoon(client, newsWithinMs);

  const optionsFor = (input: DisputeInput, { merchantId, mode, currency }: About) => ({
    workflowId: disputeWorkflowId(input),
    taskQueue: queues.operations,
    args: [input] as [DisputeInput],
    // A run that has ended is no obstacle: the row says what is left to do.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowTaskTimeout,
    typedSearchAttributes: searchAttributes({
      merchantId: publicId('merchant', merchantId),
      mode,
      currency,
    }),
  });

  return {
    /** Brings an event to the dispute's workflow, or to a new one. */
    async deliver(told: SignalledDisputeEvent, about: Omit<About, 'currency'>): Promise<void> {
      const { providerRef, currency } = told.event.dispute;
      const input = { channelConfigId: told.channelConfigId, providerRef };
      await tell(() =>
        client.workflow.signalWithStart(workflowNames.dispute, {
          ...optionsFor(input, { ...about, currency }),
          signal: signalNames.disputeEvent,
          signalArgs: [told],
        }),
      );
    },

    /** Brings evidence to the dispute's workflow, or to a new one, which has it once: as the request that gave it names it. */
    async bringEvidence(dispute: StoredDispute, given: Omit<GivenEvidence, 'disputeId'>): Promise<void> {
      const { channelConfigId, providerRef } = dispute;
      const asked: GivenEvidence = { disputeId: dispute.id, ...given };
      await soon(() =>
        client.workflow.startUpdateWithStart<DisputeWorkflow, DisputeProgress, [GivenEvidence]>(
          updateNames.submitEvidence,
          {
            args: [asked],
            updateId: given.evidenceId,
            waitForStage: WorkflowUpdateStage.ACCEPTED,
            startWorkflowOperation: new WithStartWorkflowOperation<DisputeWorkflow>(workflowNames.dispute, {
              ...optionsFor({ channelConfigId, providerRef }, dispute),
              workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
            }),
          },
        ),
      );
    },

    /** Gives a dispute a workflow that has lost its own: it finds its row and carries on. */
    async resume(dispute: StoredDispute): Promise<'resumed' | 'running'> {
      const { channelConfigId, providerRef } = dispute;
      try {
        await soon(() =>
          client.workflow.start(workflowNames.dispute, {
            ...optionsFor({ channelConfigId, providerRef }, dispute),
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          }),
        );
        return 'resumed';
      } catch (error) {
        if (isAlreadyStarted(error)) return 'running';
        throw error;
      }
    },
  };
}

export type DisputeStarter = ReturnType<typeof createDisputeStarter>;
