import { postForm, press } from '../../../../dev/demo/parties/customer';
import { until } from '../../../../dev/demo/parties/http';
import { openShop, type Merchant, type Payment } from '../../../../dev/demo/parties/merchant';
import { ownEcpay } from '../channels';
import type { RecordingCase, RecordingStage } from '../case';
import { asks, orderTea, reaches, type Ordered } from '../shop';

/** ECPay begins nothing before the customer's browser has posted the form. */
async function orderAtEcpay(stage: RecordingStage): Promise<{ merchant: Merchant; payment: Ordered }> {
  const channel = await ownEcpay(stage);
  const merchant = await openShop(stage, { config: { channels: [channel.id] } });
  return { merchant, payment: await orderTea(stage, merchant) };
}

/** The page that answers the form, where the customer may do as they like. */
function postsForm(stage: RecordingStage, { nextAction }: Payment) {
  return stage.step('customer', 'posts the form', (signal) =>
    postForm(nextAction?.url ?? '', nextAction?.fields ?? {}, signal),
  );
}

type Page = Awaited<ReturnType<typeof postForm>>;

async function pressesOn(stage: RecordingStage, page: Page, button: 'Pay' | 'Decline'): Promise<void> {
  await stage.step('customer', `presses "${button}"`, (signal) => press(page, button, signal));
}

/** Nothing is told for so long that the channel is asked; then it waits again. */
async function isLookedAt(stage: RecordingStage, { workflowId }: Ordered): Promise<void> {
  const workflow = stage.client.workflow.getHandle(workflowId);
  await stage.step('payment', 'looks at the channel', (signal) =>
    until(signal, async () => {
      const { events } = await workflow.fetchHistory();
      const fired = events?.findIndex((event) => event.timerFiredEventAttributes) ?? -1;
      const isWaitingAgain =
        fired >= 0 && events?.slice(fired).some((event) => event.timerStartedEventAttributes);
      return isWaitingAgain === true ? true : undefined;
    }),
  );
}

export const unbegunCases: readonly RecordingCase[] = [
  {
    name: 'payment/unbegun-cancelled-then-paid',
    async play(stage) {
      const { merchant, payment } = await orderAtEcpay(stage);
      await asks(stage, merchant, payment, 'cancel');
      await reaches(stage, merchant, payment, 'cancelled');
      await pressesOn(stage, await postsForm(stage, payment), 'Pay');
      return payment;
    },
  },
  {
    name: 'payment/unbegun-attempt-paid',
    async play(stage) {
      const { merchant, payment } = await orderAtEcpay(stage);
      const second = await asks(stage, merchant, payment, 'attempts');
      const page = await postsForm(stage, second);
      // ECPay's notices of the first attempt are lost, so it is a look that finds it paid.
      await stage.fault({ kind: 'webhook_lost', reference: `${payment.id}-1` }, 'ecpay');
      await pressesOn(stage, await postsForm(stage, payment), 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      await pressesOn(stage, page, 'Decline');
      return payment;
    },
  },
  {
    name: 'payment/unbegun-attempt-declined',
    async play(stage) {
      const { merchant, payment } = await orderAtEcpay(stage);
      const second = await asks(stage, merchant, payment, 'attempts');
      await isLookedAt(stage, payment);
      await pressesOn(stage, await postsForm(stage, second), 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      await pressesOn(stage, await postsForm(stage, payment), 'Decline');
      return payment;
    },
  },
];
