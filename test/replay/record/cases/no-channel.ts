import { apiCaller } from '../../../../dev/demo/parties/http';
import { openShop, type Payment } from '../../../../dev/demo/parties/merchant';
import { ownKpay } from '../channels';
import type { RecordingCase, RecordingStage } from '../case';
import { orderTea, presses, reaches } from '../shop';

/** What an operator does about a payment in the queue. */
function sees(stage: RecordingStage, payment: Payment, to: 'retry' | 'cancel'): Promise<unknown> {
  const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
  return stage.step('operator', `sees to it: ${to}`, (signal) =>
    operator.post(`/admin/manual-queue/${payment.id}/${to}`, { reason: 'a recording' }, signal),
  );
}

/** A payment that begins while its only channel is switched off. */
async function waiting(stage: RecordingStage, config: { expiresInSeconds?: number } = {}) {
  const channel = await ownKpay(stage);
  const merchant = await openShop(stage, { config: { channels: [channel.id], ...config } });
  await channel.switches('off');
  const payment = await orderTea(stage, merchant);
  if (payment.lastError?.code !== 'no_channel') throw new Error(`it is ${JSON.stringify(payment)}`);
  return { channel, merchant, payment };
}

export const noChannelCases: readonly RecordingCase[] = [
  {
    name: 'payment/no-channel-retried',
    async play(stage) {
      const { channel, merchant, payment } = await waiting(stage);
      await channel.switches('on');
      await sees(stage, payment, 'retry');
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/no-channel-cancelled',
    async play(stage) {
      const { merchant, payment } = await waiting(stage);
      await sees(stage, payment, 'cancel');
      await reaches(stage, merchant, payment, 'cancelled');
      return payment;
    },
  },
  {
    name: 'payment/no-channel-expired',
    async play(stage) {
      const { merchant, payment } = await waiting(stage, { expiresInSeconds: 6 });
      await reaches(stage, merchant, payment, 'expired');
      return payment;
    },
  },
];
