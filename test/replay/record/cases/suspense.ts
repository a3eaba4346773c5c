import { openPage, press } from '../../../../dev/demo/parties/customer';
import { apiCaller, until } from '../../../../dev/demo/parties/http';
import { openShop } from '../../../../dev/demo/parties/merchant';
import { workflowNames } from '../../../../workflows/contracts';
import type { RecordingCase, RecordingStage } from '../case';
import { begunWorkflow, orderTea, reaches } from '../shop';

/** A customer pays on a page that should have been closed. */
async function paysLate(stage: RecordingStage, lateMoney: 'refund' | 'accept' | 'ask') {
  await stage.fault({ kind: 'allow_late_payment' });
  const merchant = await openShop(stage, { config: { expiresInSeconds: 4, lateMoney } });
  const payment = await orderTea(stage, merchant);
  const page = await stage.step('customer', 'opens the page', (signal) =>
    openPage(payment.nextAction?.url ?? '', signal),
  );
  await reaches(stage, merchant, payment, 'expired');
  const since = new Date();
  await stage.step('customer', 'presses "Pay" all the same', (signal) => press(page, 'Pay', signal));
  return { payment, workflow: await begunWorkflow(stage, workflowNames.suspense, since) };
}

export const suspenseCases: readonly RecordingCase[] = [
  {
    name: 'suspense/refunded-by-rule',
    play: async (stage) => (await paysLate(stage, 'refund')).workflow,
  },
  {
    name: 'suspense/accepted-by-rule',
    play: async (stage) => (await paysLate(stage, 'accept')).workflow,
  },
  {
    name: 'suspense/decided-by-operator',
    async play(stage) {
      const { payment, workflow } = await paysLate(stage, 'ask');
      const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
      await stage.step('operator', 'lets the merchant have it', async (signal) => {
        const held = await until(signal, async () => {
          const { data } = await operator.get<{ data: { id: string; paymentId: string }[] }>(
            '/admin/suspense',
            signal,
          );
          return data.find(({ paymentId }) => paymentId === payment.id);
        });
        const word = { decision: 'accept', reason: 'the customer wants the tea' };
        await operator.post(`/admin/suspense/${held.id}/decide`, word, signal);
      });
      return workflow;
    },
  },
];
