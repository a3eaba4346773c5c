import { setTimeout as sleep } from 'node:timers/promises';
import { parsePublicId } from '../../domain/ids';
import { attentionOf } from '../support/attention';
import { startCallbackReceiver } from '../support/callback-receiver';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.database.query(
    `update payment_configs set attempts_max = 3, review_above = '{"USD": "50000"}', review_within_ms = 600000`,
  );
});
afterAll(() => platform?.close());

const ask = (id: string, what: string, body: object = {}, key = platform.merchant.apiKey) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key, body });

describe('another attempt', () => {
  let payment: PaymentBody;

  test('follows a decline, with a charge of its own, and can be paid', async () => {
    payment = await platform.openPayment();
    await platform.checkout(payment, 'decline');
    await until('declined', async () => (await platform.readPayment(payment.id)).lastError !== null);
    expect(await platform.readPayment(payment.id)).toMatchObject({
      status: 'requires_action',
      nextAction: null,
    });

    const again = await ask(payment.id, 'attempts');
    expect(again).toMatchObject({
      status: 200,
      body: { status: 'requires_action', attempts: 2, lastError: null },
    });
    await platform.checkout(again.body as PaymentBody, 'pay');
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(platform.sandbox.book().filter(({ reference }) => reference.startsWith(payment.id))).toMatchObject(
      [
        { reference: `${payment.id}-1`, charges: 0 },
        { reference: `${payment.id}-2`, charges: 1 },
      ],
    );
  });

  test('is refused once it is paid', async () => {
    expect(await ask(payment.id, 'attempts')).toMatchObject({
      status: 409,
      body: { error: { code: 'payment_closed' } },
    });
  });

  test('closes the charge that is still open, so that only one can be paid', async () => {
    const first = await platform.openPayment();
    const second = (await ask(first.id, 'attempts')).body as PaymentBody;
    expect(second.nextAction?.url).not.toBe(first.nextAction?.url);
    const statuses = platform.sandbox.book().filter(({ reference }) => reference.startsWith(first.id));
    expect(statuses).toMatchObject([{ status: 'cancelled' }, { status: 'pending' }]);
  });

  test('comes to an end: the last decline takes the payment with it', async () => {
    const first = await platform.openPayment();
    await ask(first.id, 'attempts');
    const last = (await ask(first.id, 'attempts')).body as PaymentBody;
    expect(await ask(first.id, 'attempts')).toMatchObject({
      status: 409,
      body: { error: { code: 'attempts_exhausted' } },
    });
    await platform.checkout(last, 'decline');
    const failed = await platform.waitForStatus(first.id, 'failed');
    expect(failed.lastError?.message).toMatch(/new orderId/);
  });
});

describe('cancelling', () => {
  test('closes the charge at the channel before it says so', async () => {
    const payment = await platform.openPayment();
    const reply = await ask(payment.id, 'cancel', { reason: 'the customer left' });
    expect(reply).toMatchObject({ status: 200, body: { status: 'cancelled', nextAction: null } });
    expect(platform.sandbox.book().find(({ reference }) => reference === `${payment.id}-1`)).toMatchObject({
      status: 'cancelled',
    });
    await platform.callbacks.waitFor(payment.orderId, 'payment.cancelled');
    expect(await ask(payment.id, 'cancel')).toMatchObject({
      status: 409,
      body: { error: { code: 'payment_closed' } },
    });
  });

  test('comes too late when the customer has paid: the payment succeeds', async () => {
    const payment = await platform.openPayment();
    platform.sandbox.addFault({ kind: 'webhook_lost', count: 1 });
    await platform.checkout(payment, 'pay');
    expect(await ask(payment.id, 'cancel')).toMatchObject({
      status: 409,
      body: { error: { code: 'already_paid' } },
    });
    await platform.waitForStatus(payment.id, 'succeeded');
    const { rows } = await platform.database.query<{
      cause: { by: string; reason?: string; keyId?: string };
    }>(`select cause from payment_events where type = 'payment.succeeded' and payment_id = $1`, [
      parsePublicId('payment', payment.id),
    ]);
    // The channel said so: it is not what the merchant asked for.
    expect(rows.map(({ cause: { by, reason, keyId } }) => [by, reason, keyId])).toEqual([
      ['poll', undefined, undefined],
    ]);
  });

  test('asked by many at once happens once', async () => {
    // Some come while it ends, and some when its workflow has just gone.
    for (let round = 0; round < 5; round += 1) {
      const payment = await platform.openPayment();
      const replies = await Promise.all(
        Array.from({ length: 16 }, async (_none, at) => {
          await sleep(at * 4);
          return ask(payment.id, 'cancel');
        }),
      );
      const codes = replies.map(({ status }) => status).sort();
      expect(codes).toEqual([200, ...Array<number>(15).fill(409)]);
    }
  });
});

describe('a payment above the review limit', () => {
  test('waits for an operator, and no channel hears of it before', async () => {
    const order = anOrder({ amount: '500.01' });
    const payment = (await platform.startPayment(order)).body as PaymentBody;
    expect(payment).toMatchObject({ status: 'review', nextAction: null });
    const told = await platform.callbacks.waitFor(order.orderId, 'payment.review');
    expect(told).toMatchObject({ sequence: 1, data: { payment: { id: payment.id, status: 'review' } } });
    expect(platform.sandbox.book().some(({ reference }) => reference.startsWith(payment.id))).toBe(false);
    await until(
      'an operator could see it',
      async () => (await attentionOf(platform, order.orderId))[0] === 'review',
    );

    expect((await ask(payment.id, 'review', { decision: 'approve', reason: 'known customer' })).status).toBe(
      403,
    );
    const approved = await ask(
      payment.id,
      'review',
      { decision: 'approve', reason: 'known customer' },
      platform.operatorKey,
    );
    expect(approved).toMatchObject({ status: 200, body: { status: 'requires_action' } });
    // The customer's time begins only now.
    const { expiresAt } = approved.body as { expiresAt: string };
    expect(expiresAt > (payment as unknown as { expiresAt: string }).expiresAt).toBe(true);
    expect(await platform.readPayment(payment.id)).toMatchObject({ expiresAt });
    // The operator was answered with it; the merchant was not.
    await platform.callbacks.waitFor(order.orderId, 'payment.action_required');
    await platform.checkout(approved.body as PaymentBody, 'pay');
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(await attentionOf(platform, order.orderId)).toEqual([]);
    const { rows } = await platform.database.query<{ cause: { reason: string; by: string } }>(
      `select cause from payment_events where type = 'payment.pending' and payment_id = $1`,
      [parsePublicId('payment', payment.id)],
    );
    expect(rows).toMatchObject([{ cause: { by: 'operator', reason: 'known customer' } }]);
  });

  test('is rejected with a reason, and nothing is charged', async () => {
    const payment = (await platform.startPayment(anOrder({ amount: '9000' }))).body as PaymentBody;
    const rejected = await ask(
      payment.id,
      'review',
      { decision: 'reject', reason: 'stolen goods' },
      platform.operatorKey,
    );
    expect(rejected).toMatchObject({
      status: 200,
      body: { status: 'rejected', lastError: { code: 'rejected' } },
    });
    await platform.callbacks.waitFor(payment.orderId, 'payment.rejected');
  });

  test('is decided by the merchant’s rule when nobody does', async () => {
    await platform.database.query('update payment_configs set review_within_ms = 1000');
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
    const payment = (await platform.startPayment(anOrder({ amount: '9000' }))).body as PaymentBody;
    expect(await platform.waitForStatus(payment.id, 'rejected')).toMatchObject({
      lastError: { code: 'review_expired' },
    });
  });
});

test('a payment may bring its own callback address, signed with the merchant’s secret', async () => {
  const own = await startCallbackReceiver();
  own.trust(platform.callbacks.secret);
  try {
    const payment = await platform.openPayment({ callbackUrl: own.url });
    await platform.checkout(payment, 'pay');
    await own.waitFor(payment.orderId, 'payment.succeeded');
    expect(own.forged).toEqual([]);
  } finally {
    await own.close();
  }
});
