import { ApplicationFailure } from '@temporalio/common';
import { postForm, press } from '../../../../dev/demo/parties/customer';
import { until } from '../../../../dev/demo/parties/http';
import { openShop, type Merchant } from '../../../../dev/demo/parties/merchant';
import { kpaySandboxAccount } from '../../../../dev/sandboxes/kpay/account';
import { stripeSandboxAccount } from '../../../../dev/sandboxes/stripe/account';
import { signRequest } from '../../../../integrations/channels/kpay/signature';
import { ecpayCredentials, ownEcpay } from '../channels';
import type { RecordingCase, RecordingStage } from '../case';
import { asks, isRefused, orderTea, paysAtStripe, presses, reaches, type Ordered } from '../shop';

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

/** By the merchant's own hand, past the platform; KPay does not tell of it. */
function cancelsAtKpay(stage: RecordingStage, payment: Ordered): Promise<void> {
  return stage.step('merchant', 'gives the reservation back at KPay', async (signal) => {
    const { merchantId, apiSecret } = kpaySandboxAccount;
    const request = {
      timestamp: Math.floor(Date.now() / 1_000),
      method: 'POST',
      path: `/v1/orders/${payment.id}-1/cancel`,
      body: '',
    };
    const headers = {
      'x-kpay-merchant': merchantId,
      'x-kpay-timestamp': String(request.timestamp),
      'x-signature': signRequest(apiSecret, request),
    };
    const url = `${stage.stack.sandboxes.kpay}${request.path}`;
    const answer = await fetch(url, { method: 'POST', signal, headers });
    if (!answer.ok) throw new Error(`it was answered ${answer.status} ${await answer.text()}`);
  });
}

/** The same at Stripe, which tells of it. */
function cancelsAtStripe(stage: RecordingStage, merchant: Merchant, payment: Ordered): Promise<void> {
  return stage.step('merchant', 'gives the reservation back at Stripe', async (signal) => {
    const path = `/payments/${payment.id}/attempts`;
    const { data } = await merchant.api.get<{ data: { providerReference: string }[] }>(path, signal);
    const url = `${stage.stack.sandboxes.stripe}/v1/payment_intents/${data[0]?.providerReference}/cancel`;
    const headers = { authorization: `Bearer ${stripeSandboxAccount.secretKey}` };
    const answer = await fetch(url, { method: 'POST', signal, headers });
    if (!answer.ok) throw new Error(`it was answered ${answer.status} ${await answer.text()}`);
  });
}

/** In Temporal, as where the channel's configuration is gone: whether anything was captured is not known then. */
function givesCaptureUp(stage: RecordingStage, { workflowId }: Ordered): Promise<void> {
  return stage.step('operator', 'gives the capture up by hand', async (signal) => {
    const workflow = stage.client.workflow.getHandle(workflowId);
    const activityId = await until(signal, async () => {
      const { raw } = await workflow.describe();
      return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'capture')?.activityId;
    });
    const reason = ApplicationFailure.nonRetryable('Given up by an operator.', 'ChannelRemoved');
    await stage.client.activity.fail({ workflowId, activityId: activityId ?? '' }, reason);
  });
}

/** What is asked after that comes after the news. */
function hearsNews(stage: RecordingStage, { workflowId }: Ordered, times: number): Promise<true> {
  const workflow = stage.client.workflow.getHandle(workflowId);
  return stage.step('payment', `hears ${times} news`, (signal) =>
    until(signal, async () => {
      const { events } = await workflow.fetchHistory();
      const told = events?.filter((event) => event.workflowExecutionSignaledEventAttributes) ?? [];
      return told.length >= times ? true : undefined;
    }),
  );
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
  {
    name: 'payment/reservation-told-too-late',
    async play(stage) {
      const merchant = await openShop(stage, { config: { channels: ['stripe'] } });
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      // That it was cancelled is told first, then that it was reserved.
      const reference = `${payment.id}-1`;
      await stage.fault({ kind: 'webhook_reordered', times: 2, ms: 10_000, reference }, 'stripe');
      await paysAtStripe(stage, merchant, payment, 'pay');
      await cancelsAtStripe(stage, merchant, payment);
      await hearsNews(stage, payment, 2);
      await asks(stage, merchant, payment, 'cancel');
      await reaches(stage, merchant, payment, 'cancelled');
      return payment;
    },
  },
  {
    name: 'payment/reservation-given-back',
    async play(stage) {
      const merchant = await openShop(stage, { config: { channels: ['stripe'] } });
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      await paysAtStripe(stage, merchant, payment, 'pay');
      await reaches(stage, merchant, payment, 'authorized');
      // Stripe tells of it, and is asked whether that still holds.
      await cancelsAtStripe(stage, merchant, payment);
      await reaches(stage, merchant, payment, 'cancelled');
      return payment;
    },
  },
  {
    name: 'payment/reserved-at-expiry',
    async play(stage) {
      const channel = await ownEcpay(stage);
      await channel.configures({ ...ecpayCredentials, dailyClosing: 'off' });
      const merchant = await openShop(stage, { config: { channels: [channel.id], expiresInSeconds: 3 } });
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      // ECPay's notice is lost, so it is the look before the payment expires that finds it reserved.
      await stage.fault({ kind: 'webhook_lost' }, 'ecpay');
      await stage.step('customer', 'pays on ECPay’s page', async (signal) => {
        const { url = '', fields = {} } = payment.nextAction ?? {};
        await press(await postForm(url, fields, signal), 'Pay', signal);
      });
      await reaches(stage, merchant, payment, 'authorized');
      await asks(stage, merchant, payment, 'capture');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/cancelled-with-capture-in-doubt',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'authorized');
      await stage.fault({ kind: 'timeout_after', operation: 'capture', count: 1 });
      const part = { amount: '100' };
      await Promise.all([
        isRefused(stage, merchant, payment, 'capture', 'has not confirmed a capture', part),
        givesCaptureUp(stage, payment),
      ]);
      // What was captured is found out before the rest is let go.
      await asks(stage, merchant, payment, 'cancel');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/capture-of-nothing',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'authorized');
      await cancelsAtKpay(stage, payment);
      await isRefused(stage, merchant, payment, 'capture', 'not_capturable');
      await reaches(stage, merchant, payment, 'cancelled');
      return payment;
    },
  },
];
