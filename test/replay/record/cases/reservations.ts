import { openShop, type Merchant } from '../../../../dev/demo/parties/merchant';
import type { RecordingCase, RecordingStage } from '../case';
import { asks, orderTea, presses, reaches, type Ordered } from '../shop';

/** Later than the merchant asks for another attempt, and sooner than the closing is answered. */
const toldAfterMs = 1_000;

/** The customer reserves, and asks for another attempt before the platform has heard of it: that closes the first. */
async function closesWhatIsReserved(
  stage: RecordingStage,
  answer: { kind: 'delay_after' | 'timeout_after'; ms?: number },
): Promise<Ordered> {
  const merchant = await openShop(stage);
  const payment = await orderTea(stage, merchant, { capture: 'manual' });
  await stage.fault({ kind: 'webhook_delayed', ms: toldAfterMs, count: 1 });
  await stage.fault({ ...answer, operation: 'cancel', count: 1 });
  await presses(stage, merchant, payment, 'Pay');
  await asksAgain(stage, merchant, payment);
  return payment;
}

/** The second attempt shows that the first one's charge was closed; nobody pays it. */
async function asksAgain(stage: RecordingStage, merchant: Merchant, payment: Ordered): Promise<void> {
  const after = await asks(stage, merchant, payment, 'attempts');
  if (after.attempts !== 2 || after.status !== 'requires_action')
    throw new Error(`it was answered ${JSON.stringify(after)}`);
  await asks(stage, merchant, payment, 'cancel');
  await reaches(stage, merchant, payment, 'cancelled');
}

export const reservationCases: readonly RecordingCase[] = [
  {
    name: 'payment/reserved-while-closing',
    play: (stage) => closesWhatIsReserved(stage, { kind: 'delay_after', ms: 2_000 }),
  },
  {
    name: 'payment/reserved-closing-unanswered',
    play: (stage) => closesWhatIsReserved(stage, { kind: 'timeout_after' }),
  },
  {
    name: 'payment/closing-told-unanswered',
    async play(stage) {
      const merchant = await openShop(stage, { config: { channels: ['stripe'] } });
      const payment = await orderTea(stage, merchant);
      // Stripe tells that it was cancelled.
      await stage.fault({ kind: 'timeout_after', operation: 'cancel', count: 1 }, 'stripe');
      await asksAgain(stage, merchant, payment);
      return payment;
    },
  },
];
