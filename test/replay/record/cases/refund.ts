import { openShop, type Merchant } from '../../../../dev/demo/parties/merchant';
import { parsePublicId } from '../../../../domain/ids';
import { refundWorkflowId } from '../../../../workflows/contracts';
import type { RecordingCase, RecordingStage } from '../case';
import { orderTea, presses, reaches } from '../shop';

type Fault = Parameters<RecordingStage['fault']>[0];

/** A paid payment, given back while this goes wrong. */
function refunded(name: string, ...faults: Fault[]): RecordingCase {
  return {
    name: `refund/${name}`,
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      for (const fault of faults) await stage.fault(fault);
      return asks(stage, merchant, payment.id);
    },
  };
}

async function asks(stage: RecordingStage, merchant: Merchant, paymentId: string) {
  const refundId = await stage.step('merchant', 'asks for the money to be given back', async (signal) => {
    const { body } = await merchant.api.post<{ id: string }>('/refunds', { paymentId }, signal);
    return parsePublicId('refund', body.id) ?? '';
  });
  return { workflowId: refundWorkflowId(refundId) };
}

export const refundCases: readonly RecordingCase[] = [
  refunded('success'),
  refunded('finished-by-webhook', { kind: 'refund_pending', ms: 2_000 }),
  refunded('declined', { kind: 'refund_failing' }),
  refunded('channel-away', { kind: 'not_processed', operation: 'refund', count: 2 }),
  refunded('answer-lost', { kind: 'timeout_after', operation: 'refund', count: 1 }, { kind: 'webhook_lost' }),
];
