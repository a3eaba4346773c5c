import { setTimeout as sleep } from 'node:timers/promises';
import { openShop, type Merchant, type Payment } from '../../../../dev/demo/parties/merchant';
import { kpaySandboxAccount } from '../../../../dev/sandboxes/kpay/account';
import { kpayEvent, signedBy } from '../../../support/kpay-event';
import { ownKpay } from '../channels';
import { openKpayDoor } from '../kpay-door';
import type { RecordingCase, RecordingStage } from '../case';
import { asks, isRefused, orderTea, paysAtStripe, presses, reaches } from '../shop';

/** KPay says that the bank works on the first attempt, which its sandbox never does, or that it is open. */
async function isTold(
  stage: RecordingStage,
  channelId: string,
  merchant: Merchant,
  payment: Payment,
  status: 'processing' | 'pending',
): Promise<void> {
  await stage.step('kpay', `tells that it is ${status}`, async (signal) => {
    const path = `/payments/${payment.id}/attempts`;
    const { data } = await merchant.api.get<{ data: { providerReference: string }[] }>(path, signal);
    const order = { order_id: data[0]?.providerReference, status, paid_at: null };
    // Where the customer goes on: what is open without saying that is no news.
    const page = { checkout_url: payment.nextAction?.url };
    // What it is about stands in the order; KPay's events have no name for it.
    const raw = JSON.stringify(
      kpayEvent(
        `${payment.id}-1`,
        { ...order, ...page, amount: 420, currency: 'TWD' },
        { id: `evt_${status}_${payment.id}` },
      ),
    );
    const headers = {
      'content-type': 'application/json',
      ...signedBy(kpaySandboxAccount.webhookSecret, raw),
    };
    const url = `${stage.stack.api}/webhooks/kpay/${channelId}`;
    const answer = await fetch(url, { method: 'POST', signal, headers, body: raw });
    if (!answer.ok) throw new Error(`it was answered ${answer.status} ${await answer.text()}`);
  });
}

async function isDeclined(stage: RecordingStage, merchant: Merchant, payment: Payment): Promise<void> {
  await stage.step('merchant', 'sees the decline', (signal) =>
    merchant.seesPayment(payment.id, ({ lastError }) => lastError !== null, signal),
  );
}

export const attemptCases: readonly RecordingCase[] = [
  {
    name: 'payment/processing-then-paid',
    async play(stage) {
      const channel = await ownKpay(stage);
      const merchant = await openShop(stage, { config: { channels: [channel.id] } });
      const payment = await orderTea(stage, merchant);
      await isTold(stage, channel.id, merchant, payment, 'processing');
      await reaches(stage, merchant, payment, 'processing');
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/processing-then-open',
    async play(stage) {
      const channel = await ownKpay(stage);
      const merchant = await openShop(stage, { config: { channels: [channel.id] } });
      const payment = await orderTea(stage, merchant);
      await isTold(stage, channel.id, merchant, payment, 'processing');
      await reaches(stage, merchant, payment, 'processing');
      // KPay is asked whether that is older than what it said before.
      await isTold(stage, channel.id, merchant, payment, 'pending');
      await reaches(stage, merchant, payment, 'requires_action');
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/stays-in-process',
    async play(stage) {
      const door = await openKpayDoor(stage);
      const channel = await ownKpay(stage, door.url);
      const merchant = await openShop(stage, { config: { channels: [channel.id], expiresInSeconds: 4 } });
      const payment = await orderTea(stage, merchant);
      await isTold(stage, channel.id, merchant, payment, 'processing');
      await reaches(stage, merchant, payment, 'processing');
      // KPay's own news that its time is over would come before the answer to the closing.
      await stage.fault({ kind: 'webhook_lost' });
      // At its time it is open for a moment, and in process again when it is to be closed.
      door.says('pending', 'processing');
      await reaches(stage, merchant, payment, 'expired');
      return payment;
    },
  },
  {
    name: 'payment/attempt-too-late',
    async play(stage) {
      const merchant = await openShop(stage, { config: { expiresInSeconds: 3 } });
      const payment = await orderTea(stage, merchant);
      // Closing the first charge takes what is left of the payment's time.
      await stage.fault({ kind: 'delay_after', operation: 'cancel', ms: 4_000, count: 1 });
      await isRefused(stage, merchant, payment, 'attempts', 'payment_closed');
      await reaches(stage, merchant, payment, 'expired');
      return payment;
    },
  },
  {
    name: 'payment/two-clicks-one-attempt',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Decline');
      await isDeclined(stage, merchant, payment);
      // The second click comes while the first is with the channel.
      await stage.fault({ kind: 'delay_before', operation: 'create', ms: 1_500, count: 1 });
      const first = asks(stage, merchant, payment, 'attempts');
      await sleep(500);
      const clicks = await Promise.all([first, asks(stage, merchant, payment, 'attempts')]);
      if (clicks.some(({ attempts }) => attempts !== 2))
        throw new Error(`they were answered ${JSON.stringify(clicks)}`);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/declined-charge-closed',
    async play(stage) {
      const merchant = await openShop(stage, { config: { channels: ['stripe'] } });
      const payment = await orderTea(stage, merchant);
      await paysAtStripe(stage, merchant, payment, 'decline');
      await isDeclined(stage, merchant, payment);
      // The customer could try again at the intent: it is closed before another attempt begins.
      await asks(stage, merchant, payment, 'attempts');
      await paysAtStripe(stage, merchant, payment, 'pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/rest-released',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'authorized');
      await asks(stage, merchant, payment, 'capture', { amount: '100' });
      await asks(stage, merchant, payment, 'cancel');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
];
