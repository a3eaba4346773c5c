import { openShop } from '../../../../dev/demo/parties/merchant';
import { signalNames, workflowNames } from '../../../../workflows/contracts';
import type { RecordingCase, RecordingStage } from '../case';
import { begunWorkflow, orderTea, presses } from '../shop';

export const callbackCases: readonly RecordingCase[] = [
  {
    name: 'callback/delivered-after-retries',
    play: async (stage) => (await refusedCallback(stage, 3)).workflow,
  },
  {
    name: 'callback/abandoned',
    play: async (stage) => (await refusedCallback(stage, 1_000)).workflow,
  },
  {
    name: 'callback/resent',
    async play(stage) {
      const { merchant, workflow } = await refusedCallback(stage, 1_000);
      merchant.callbacks.refuseNext(0);
      await stage.step('operator', 'sends it again', () =>
        stage.client.workflow.getHandle(workflow.workflowId).signal(signalNames.resend),
      );
      return workflow;
    },
  },
];

async function refusedCallback(stage: RecordingStage, times: number) {
  const since = new Date();
  const merchant = await openShop(stage);
  merchant.callbacks.refuseNext(times);
  const payment = await orderTea(stage, merchant);
  await presses(stage, merchant, payment, 'Pay');
  return { merchant, workflow: await begunWorkflow(stage, workflowNames.callback, since) };
}
