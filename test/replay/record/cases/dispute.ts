import { openShop, type Merchant } from '../../../../dev/demo/parties/merchant';
import { providerAt } from '../../../../dev/demo/parties/provider';
import { parsePublicId } from '../../../../domain/ids';
import { disputeWorkflowId } from '../../../../workflows/contracts';
import type { RecordingCase, RecordingStage } from '../case';
import { orderTea, presses, reaches } from '../shop';

/** A paid payment that the customer takes to the bank; with a receipt or without, and how the bank decides. */
function disputed(name: string, how: 'win' | 'lose', hasReceipt: boolean): RecordingCase {
  return {
    name: `dispute/${name}`,
    async play(stage) {
      const merchant = await openShop(stage);
      const kpay = providerAt(stage.stack.sandboxes.kpay ?? '');
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      const atBank = await stage.step('customer', 'goes to the bank', (signal) =>
        kpay.dispute(`${payment.id}-1`, signal),
      );
      await stage.step('merchant', 'sees it disputed', (signal) =>
        merchant.seesPayment(payment.id, ({ status }) => status === 'disputed', signal),
      );
      if (hasReceipt) await sendsReceipt(stage, merchant, payment.id);
      await stage.step('bank', 'decides', (signal) => kpay.decide(atBank, how, signal));
      return {
        workflowId: disputeWorkflowId({
          channelConfigId: await kpayOf(stage, merchant),
          providerRef: atBank,
        }),
      };
    },
  };
}

function sendsReceipt(stage: RecordingStage, merchant: Merchant, paymentId: string) {
  return stage.step('merchant', 'sends the receipt', async (signal) => {
    const path = `/disputes?payment=${paymentId}`;
    const { data } = await merchant.api.get<{ data: { id: string }[] }>(path, signal);
    const evidence = { kind: 'delivery', text: 'It was signed for.' };
    await merchant.api.post(`/disputes/${data[0]?.id}/evidence`, evidence, signal);
  });
}

function kpayOf(stage: RecordingStage, merchant: Merchant): Promise<string> {
  return stage.step('operator', 'looks up the channel', async (signal) => {
    const path = `/merchants/${merchant.id}/payment-config`;
    const { channels } = await merchant.api.get<{ channels: string[] }>(path, signal);
    return parsePublicId('channelConfig', channels[0] ?? '') ?? '';
  });
}

export const disputeCases: readonly RecordingCase[] = [
  disputed('won', 'win', true),
  disputed('lost', 'lose', false),
];
