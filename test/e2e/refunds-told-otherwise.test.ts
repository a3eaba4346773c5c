import { pino } from 'pino';
import { createIgnoreEvents } from '../../activities/refund/ignore-events';
import { newId } from '../../db/ids';
import { receive } from '../../db/stores/webhook-inbox-store';
import { parsePublicId, publicId } from '../../domain/ids';
import type { ChannelEvent } from '../../domain/payment/outcome';
import { disputesOn } from '../support/disputes';
import { kpayRefundEvent } from '../support/kpay-event';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { receivedOn } from '../support/received-events';
import { refundsOn, type RefundBody } from '../support/refunds';
import { openStripeShop, type StripeShop } from '../support/stripe-shop';

/** What a channel says of money that went back, and what the books do not have so: an operator is told. */
let platform: Platform;
let shop: StripeShop;
let refunds: ReturnType<typeof refundsOn>;
let disputes: ReturnType<typeof disputesOn>;
let received: ReturnType<typeof receivedOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { WEBHOOK_SWEEP_AFTER_MS: '300', REFUND_FIRST_POLL_MS: '300' },
  });
  shop = await openStripeShop(platform);
  refunds = refundsOn(platform);
  disputes = disputesOn(platform);
  received = receivedOn(platform);
});
afterAll(async () => {
  await platform?.close();
  await shop?.close();
});
afterEach(() => platform.sandbox.clearFaults());

async function timeline({ id }: PaymentBody, key = platform.merchant.apiKey): Promise<string> {
  const path = `/api/v1/payments/${id}/timeline`;
  return (await platform.call('GET', path, { key })).text;
}

async function counted(channel = 'kpay'): Promise<number> {
  const { text } = await platform.call('GET', '/metrics');
  const line = text
    .split('\n')
    .find((one) => one.startsWith(`durapay_events_set_aside{channel="${channel}"}`));
  return Number(line?.split(' ')[1] ?? 0);
}

async function refunded(status: 'succeeded' | 'failed') {
  const payment = await refunds.paidPayment();
  if (status === 'failed') platform.sandbox.addFault({ kind: 'refund_failing', count: 1 });
  const { id } = (await refunds.ask({ paymentId: payment.id, amount: '20.00' })).body as RefundBody;
  await refunds.waitFor(id, status);
  return { payment, refund: id, reference: `${payment.id}-1` };
}

describe('news that a refund ended otherwise than it did is set aside, and moves nothing', () => {
  test.each([
    [
      'failed after it had succeeded',
      'succeeded',
      'failed',
      'The refund had succeeded here, and it says that it failed (customer_account_closed): 20.00 USD did not reach the customer, and the books have it as given back. If that is true, an adjustment gives it back to whom it was taken from.',
    ],
    [
      'made after it had failed',
      'failed',
      'succeeded',
      'The refund had failed here, and it says that it was made: 20.00 USD went to the customer, and the books have it still. If that is true, an adjustment takes it from whom it was left with.',
    ],
  ] as const)('%s', async (_what, ended, told, reason) => {
    const { payment, refund, reference } = await refunded(ended);
    const [before, countedBefore] = [await refunds.balances(), await counted()];
    await received.tell(kpayRefundEvent(reference, refund, told));
    expect(await received.setAside(payment)).toMatchObject([{ about: 'refund', reference: refund, reason }]);
    expect(await counted()).toBe(countedBefore + 1);
    await platform.sweep('webhooks');
    expect(await received.of(payment, 'set_aside')).toHaveLength(1);
    expect(await timeline(payment)).toContain(`it was set aside for an operator: ${reason}`);
    expect((await refunds.read(refund)).status).toBe(ended);
    expect(await refunds.balances()).toEqual(before);
  });

  test('made of another sum than it had been', async () => {
    const { payment, refund, reference } = await refunded('succeeded');
    await received.tell(kpayRefundEvent(reference, refund, 'succeeded', { amount: 1_999 }));
    expect(await received.setAside(payment)).toMatchObject([
      {
        reason: expect.stringMatching(
          /^The refund gave back 20\.00 USD here, and it says 19\.99 USD\./,
        ) as string,
      },
    ]);
  });

  test('told in the moment in which its workflow ended, too', async () => {
    const { payment, refund } = await refunded('succeeded');
    const { database, channelConfigId } = platform;
    const event: ChannelEvent = {
      eventId: `evt_${refund}`,
      occurredAt: new Date().toISOString(),
      about: 'refund',
      reference: refund,
      status: { kind: 'declined', error: { code: 'refund_failed', message: 'The card is closed.' } },
    };
    const [id, refundId] = [newId(), parsePublicId('refund', refund)];
    const { eventId: providerEventId } = event;
    const body = Buffer.alloc(0);
    await receive(database, { id, channelConfigId, providerEventId, refundId, event, body });
    await createIgnoreEvents({ database, log: pino({ level: 'silent' }) })([id]);
    expect(await received.of(payment, 'set_aside')).toHaveLength(1);
  });

  test.each(['succeeded', 'failed'] as const)(
    'what says again that it %s, or is late, is not',
    async (ended) => {
      const { payment, refund, reference } = await refunded(ended);
      for (const told of [ended, 'pending'] as const) {
        const event = kpayRefundEvent(reference, refund, told);
        await received.tell(event);
        expect(await received.settled(event.id)).toBe('ignored');
      }
      expect(await received.of(payment, 'set_aside')).toEqual([]);
    },
  );
});

test.each([
  ['lost', 'won', 'the channel has given 100.50 USD back, and the books have it as lost'],
  ['won', 'lost', 'the channel has taken 100.50 USD, and the books have it still'],
] as const)('a dispute that was %s and is told as %s is set aside', async (ended, told, moved) => {
  const payment = await disputes.paidPayment();
  const dispute = { dispute_id: `kd_${payment.id}`, amount: 10_050 };
  await disputes.tell(payment, { ...dispute, status: ended });
  const { id } = await disputes.of(payment);
  await disputes.waitFor(id, ended);
  const before = await disputes.balances();
  await disputes.tell(payment, { ...dispute, status: 'open' });
  await disputes.tell(payment, { ...dispute, status: told });
  expect(await received.setAside(payment)).toMatchObject([
    {
      says: told,
      reason: `It says that the dispute was ${told}, and it had ended here as ${ended}: ${moved}. If that is true, an adjustment brings it in.`,
    },
  ]);
  expect(await disputes.balances()).toEqual(before);
  expect((await disputes.read(id)).status).toBe(ended);
});

describe('a refund that nobody asked for here', () => {
  const reason =
    'It is about a refund of 20.00 USD that was not asked for here: the channel has given it back, at its own dashboard perhaps, and the books have it still. An adjustment takes it off; refunded here, it would be given back twice.';

  test('of a charge on the books is set aside, also when it fails', async () => {
    const payment = await refunds.paidPayment();
    const before = await refunds.balances();
    await received.tell(kpayRefundEvent(`${payment.id}-1`, `portal-${payment.id.slice(-8)}`, 'succeeded'));
    expect(await received.setAside(payment)).toMatchObject([{ reason }]);
    expect(await timeline(payment)).toContain(reason);
    await received.tell(kpayRefundEvent(`${payment.id}-1`, `portal-${payment.id.slice(-8)}`, 'failed'));
    expect((await received.setAside(payment, 2)).map((one) => one.reason)).toContainEqual(
      expect.stringMatching(/^It is about a refund that was not asked for here, and says that it failed/),
    );
    expect((await platform.readPayment(payment.id)).status).toBe('succeeded');
    expect(await refunds.balances()).toEqual(before);
  });

  test('of a charge that is not on the books is none of ours', async () => {
    const open = await platform.openPayment();
    const event = kpayRefundEvent(`${open.id}-1`, `portal-${open.id.slice(-8)}`, 'succeeded');
    await received.tell(event);
    expect(await received.settled(event.id)).toBe('ignored');
  });

  test("in Stripe's dashboard names the charge alone", async () => {
    const open = await platform.openPayment({ provider: 'stripe' });
    await shop.press(open, 'pay');
    const payment = await platform.waitForStatus(open.id, 'succeeded');
    const { rows } = await platform.database.query<{ provider_ref: string }>(
      'select provider_ref from payment_attempts where payment_id = $1',
      [payment.id.slice(4)],
    );
    const answer = await fetch(`${shop.sandbox.url}/v1/refunds`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${shop.sandbox.account.secretKey}`,
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': `by-hand-${payment.id}`,
        connection: 'close',
      },
      body: `payment_intent=${rows[0]?.provider_ref}&amount=2000`,
    });
    expect(answer.status).toBe(200);
    expect(await received.setAside(payment)).toMatchObject([{ says: 'succeeded', reference: null, reason }]);
    expect(await counted('stripe')).toBe(1);
  });
});

test('an operator says what was done about it, once; then it waits for nobody', async () => {
  const { payment, refund, reference } = await refunded('succeeded');
  await received.tell(kpayRefundEvent(reference, refund, 'failed'));
  const [event] = await received.setAside(payment);
  const before = await counted();
  const resolve = async (id = event?.id, body: object = { reason }, key = platform.operatorKey) => {
    const answer = await platform.call('POST', `/api/v1/admin/webhooks/received/${id}/resolve`, {
      key,
      body,
    });
    return [answer.status, answer.body];
  };
  const reason = 'Not true: KPay support, case 4711.';
  expect((await resolve(event?.id, { reason }, platform.merchant.apiKey))[0]).toBe(403);
  expect((await resolve(event?.id, { reason: ' ' }))[0]).toBe(400);
  expect((await resolve(publicId('inbox', newId())))[0]).toBe(404);
  expect(await counted()).toBe(before);

  const saying = (text: string) => expect.stringContaining(text) as string;
  const said = { id: event?.id, status: 'resolved', reason: event?.reason, resolution: { reason } };
  expect(await resolve()).toMatchObject([200, said]);
  expect(await resolve()).toMatchObject([
    409,
    {
      error: { code: 'event_not_set_aside', message: saying('An operator has resolved this event already.') },
    },
  ]);
  const [succeeded] = await received.of(payment, 'applied');
  expect(await resolve(succeeded?.id)).toMatchObject([
    409,
    { error: { message: saying('The event is applied: it does not wait for an operator.') } },
  ]);
  expect(await counted()).toBe(before - 1);
  expect(await received.of(payment, 'set_aside')).toEqual([]);
  expect(await received.of(payment, 'resolved')).toMatchObject([said]);
  const told = 'The event that was set aside is resolved';
  expect(await timeline(payment, platform.operatorKey)).toContain(`${told}: ${reason}`);
  const toMerchant = await timeline(payment);
  expect(toMerchant).toContain(`${told}.`);
  expect(toMerchant).not.toContain(reason);
  const path = `/api/v1/webhooks/received?payment=${payment.id}&status=resolved`;
  const { body } = await platform.call('GET', path, { key: platform.merchant.apiKey });
  expect(body).toMatchObject({ data: [{ id: event?.id, resolution: null }] });
});

test("news of a refund that names another payment's charge does not end it", async () => {
  const [payment, other] = [await refunds.paidPayment(), await refunds.paidPayment()];
  platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 600_000 });
  const { id } = (await refunds.ask({ paymentId: payment.id, amount: '20.00' })).body as RefundBody;
  await refunds.waitFor(id, 'processing');
  await received.tell(kpayRefundEvent(`${other.id}-1`, id, 'succeeded'));
  const [event] = await received.setAside(payment);
  expect(event?.reason).toContain(`a refund of ${payment.id}-1 is of another charge, ${other.id}-1`);
  expect((await refunds.read(id)).status).toBe('processing');
});
