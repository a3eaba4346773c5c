import { apiCaller } from '../../../../dev/demo/parties/http';
import { openShop, type Payment } from '../../../../dev/demo/parties/merchant';
import type { RecordingCase, RecordingStage } from '../case';
import { orderTea, presses, reaches } from '../shop';

function decides(stage: RecordingStage, payment: Payment, decision: 'approve' | 'reject'): Promise<unknown> {
  const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
  return stage.step('operator', `decides: ${decision}`, (signal) =>
    operator.post(`/payments/${payment.id}/review`, { decision, reason: 'a recording' }, signal),
  );
}

/** A payment of more than may go without a look. */
async function underReview(stage: RecordingStage) {
  const merchant = await openShop(stage, { config: { reviewAbove: { TWD: '400' } } });
  const payment = await orderTea(stage, merchant);
  await reaches(stage, merchant, payment, 'review');
  return { merchant, payment };
}

const ends: Record<string, RecordingCase['play']> = {
  async approved(stage) {
    const { merchant, payment } = await underReview(stage);
    await decides(stage, payment, 'approve');
    await presses(stage, merchant, payment, 'Pay');
    await reaches(stage, merchant, payment, 'succeeded');
    return payment;
  },
  async rejected(stage) {
    const { merchant, payment } = await underReview(stage);
    await decides(stage, payment, 'reject');
    await reaches(stage, merchant, payment, 'rejected');
    return payment;
  },
};

/** Recorded from before and since such a payment is on the operators' list. */
export const reviewCases: readonly RecordingCase[] = ['review', 'review-listed'].flatMap((when) =>
  Object.entries(ends).map(([end, play]) => ({ name: `payment/${when}-${end}`, play })),
);
