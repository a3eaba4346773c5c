import { apiCaller, until } from '../../../../dev/demo/parties/http';
import { openShop } from '../../../../dev/demo/parties/merchant';
import { parsePublicId } from '../../../../domain/ids';
import { refundWorkflowId, signalNames } from '../../../../workflows/contracts';
import type { RecordingCase, RecordingStage } from '../case';
import { orderTea, presses, reaches } from '../shop';

interface Doubt {
  /** As the API names it. */
  refundId: string;
  workflowId: string;
  runId: string;
}

/** KPay has made the refund, lost its answer, and words what became of it so many times in a way that nobody knows. */
async function inDoubt(stage: RecordingStage, looks: number): Promise<Doubt> {
  const merchant = await openShop(stage);
  const payment = await orderTea(stage, merchant);
  await presses(stage, merchant, payment, 'Pay');
  await reaches(stage, merchant, payment, 'succeeded');
  await stage.fault({ kind: 'webhook_lost' });
  await stage.fault({ kind: 'drop_after', operation: 'refund', count: 1 });
  await stage.fault({ kind: 'unknown_status', operation: 'query', count: looks });
  return stage.step('merchant', 'asks for the money to be given back', async (signal) => {
    const { body } = await merchant.api.post<{ id: string; status: string }>(
      '/refunds',
      { paymentId: payment.id },
      signal,
    );
    if (body.status !== 'unknown') throw new Error(`it is ${body.status}`);
    const workflowId = refundWorkflowId(parsePublicId('refund', body.id) ?? '');
    const { runId } = await stage.client.workflow.getHandle(workflowId).describe();
    return { refundId: body.id, workflowId, runId };
  });
}

/** The sweep gives it a new run, which begins in doubt. */
function isResumed(stage: RecordingStage, { workflowId, runId }: Doubt): Promise<void> {
  return stage.step('operator', 'ends its run, and sees another one', async (signal) => {
    const handle = stage.client.workflow.getHandle(workflowId);
    await handle.terminate('a recording');
    await until(signal, async () => (await handle.describe()).runId !== runId || undefined);
  });
}

export const refundDoubtCases: readonly RecordingCase[] = [
  {
    // Recorded before refunds could be resolved, on a server that wishes for a new run after 12 events
    // (limit.historyCount.suggestContinueAsNew): neither that nor the signal meant anything then.
    name: 'refund/resumed-in-doubt',
    async play(stage) {
      const doubt = await inDoubt(stage, 4);
      await isResumed(stage, doubt);
      await stage.client.workflow.getHandle(doubt.workflowId).signal(signalNames.decided);
      return { workflowId: doubt.workflowId };
    },
  },
  {
    name: 'refund/resolved-by-operator',
    async play(stage) {
      const doubt = await inDoubt(stage, 1_000);
      await isResumed(stage, doubt);
      const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
      await stage.step('operator', 'says that it was made', async (signal) => {
        const word = { outcome: 'made', reason: 'the back office shows it' };
        await operator.post(`/admin/refunds/${doubt.refundId}/resolve`, word, signal);
      });
      return { workflowId: doubt.workflowId };
    },
  },
  {
    // Recorded on a server that wishes for a new run after 12 events, as the first one above; of it the run that ends so.
    name: 'refund/in-new-run',
    play: (stage) => inDoubt(stage, 4),
  },
];
