import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  { name: 'callback/resent-while-tried', play: resentWhileTried },
  { name: 'callback/resent-after-delivery', play: resentWhileTried },
];

/** It is asked for while a try is under way, and that one delivers. */
async function resentWhileTried(stage: RecordingStage) {
  const since = new Date();
  const merchant = await openShop(stage);
  const door = await openSlowDoor(stage);
  const payment = await orderTea(stage, merchant, { callbackUrl: door.url });
  await presses(stage, merchant, payment, 'Pay');
  const workflow = await begunWorkflow(stage, workflowNames.callback, since);
  await stage.step('merchant', 'is about to take it', () => door.isTried);
  await stage.step('operator', 'sends it again', () =>
    stage.client.workflow.getHandle(workflow.workflowId).signal(signalNames.resend),
  );
  door.answers();
  return workflow;
}

/** An address that refuses the first try, the relay's, and takes the next when it is told to. */
async function openSlowDoor(stage: RecordingStage) {
  let answers = () => undefined as void;
  const isAnswered = new Promise<void>((resolve) => (answers = resolve));
  let isTriedNow = () => undefined as void;
  const isTried = new Promise<void>((resolve) => (isTriedNow = resolve));
  let tries = 0;
  const server = createServer((request, response) => {
    request.resume();
    tries += 1;
    if (tries === 1) return void response.writeHead(500).end();
    isTriedNow();
    void isAnswered.then(() => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.afterwards('closes its door', () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/callback`, isTried, answers };
}

async function refusedCallback(stage: RecordingStage, times: number) {
  const since = new Date();
  const merchant = await openShop(stage);
  merchant.callbacks.refuseNext(times);
  const payment = await orderTea(stage, merchant);
  await presses(stage, merchant, payment, 'Pay');
  return { merchant, workflow: await begunWorkflow(stage, workflowNames.callback, since) };
}
