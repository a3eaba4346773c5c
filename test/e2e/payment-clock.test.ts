import { anOrder, startPlatform, type Platform } from '../support/platform';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { until } from '../support/until';

let platform: Platform;
/** Polls soon and expires soon, so that nothing has to be pretended about time. */
beforeAll(async () => {
  platform = await startPlatform({
    settings: { PAYMENT_FIRST_POLL_MS: '500' },
    config: { expiresInSeconds: 3 },
  });
  // The first payments of a cold process may take longer than one may live here.
  await until('a payment is quick enough', async () => {
    const begun = Date.now();
    return (await platform.startPayment(anOrder())).status === 201 && Date.now() - begun < 1_000;
  });
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

/** The provider's own word that the order expired, or a poll's, may come first; then there is nothing left to ask. */
function onlyTheLastQuestionCanTell(): void {
  platform.sandbox.addFault({ kind: 'webhook_lost' });
  platform.sandbox.addFault({ kind: 'error_before', operation: 'query' });
}

const chargesOf = async (paymentId: string) => {
  const { rows } = await platform.database.query<{ disposition: string }>(
    'select disposition from provider_charges where payment_id = $1',
    [paymentId.slice(4)],
  );
  return rows.map(({ disposition }) => disposition);
};

it('a webhook that never comes is made up for by asking', async () => {
  platform.sandbox.addFault({ kind: 'webhook_lost', count: 1 });
  const payment = await platform.openPayment({ expiresInSeconds: 60 });
  await platform.checkout(payment, 'pay');
  const event = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  expect(event.data.payment.status).toBe('succeeded');
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ charges: 1 });
  expect(await chargesOf(payment.id)).toEqual(['payment']);
});

it('what nobody pays expires: the provider is asked, voids it, and a new orderId is wanted', async () => {
  onlyTheLastQuestionCanTell();
  const asked = platform.sandbox.addFault({ kind: 'delay_before', operation: 'cancel', ms: 0 });
  const order = anOrder();
  const payment = await platform.openPayment(order);
  const event = await platform.callbacks.waitFor(order.orderId, 'payment.expired');
  expect(event.data.payment).toMatchObject({ status: 'expired', lastError: { code: 'expired' } });
  expect(asked.struck).toBeGreaterThan(0);
  expect(['cancelled', 'expired']).toContain(platform.sandbox.find(`${payment.id}-1`)?.status);

  const same = await platform.startPayment(order);
  expect(same.status).toBe(200);
  expect((same.body as typeof payment).lastError?.message).toMatch(/new orderId/);
  const other = await platform.startPayment({ ...order, amount: '1.00' });
  expect(other.status).toBe(409);
  expect(other.body).toMatchObject({ error: { code: 'order_closed' } });
  expect(other.text).toMatch(
    /ended \(expired\), can not be tried again, and differs .* in amount\..*new orderId/,
  );
});

it('what the provider is the first to call expired has not failed: the merchant hears of the expiry alone', async () => {
  const payment = await platform.openPayment();
  await platform.callbacks.waitFor(payment.orderId, 'payment.expired');
  const told = platform.callbacks.events.filter(({ data }) => data.payment.orderId === payment.orderId);
  expect(told.map(({ type }) => type)).toEqual(['payment.expired']);
});

it('a declined payment expires as well', async () => {
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'decline');
  await platform.callbacks.waitFor(payment.orderId, 'payment.attempt_failed');
  await platform.waitForStatus(payment.id, 'expired');
});

it('paid while it was being voided, it succeeds', async () => {
  onlyTheLastQuestionCanTell();
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  expect(await chargesOf(payment.id)).toEqual(['payment']);
});

it('mail that comes while the provider is being asked for the last time counts', async () => {
  onlyTheLastQuestionCanTell();
  platform.sandbox.addFault({ kind: 'delay_after', operation: 'cancel', ms: 600 });
  const asked = platform.sandbox.addFault({ kind: 'delay_before', operation: 'cancel', ms: 0 });
  const payment = await platform.openPayment();
  await until('the last question', () => asked.struck > 0);
  const raw = JSON.stringify(kpayEvent(`${payment.id}-1`));
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
  await platform.waitForStatus(payment.id, 'succeeded');
});

it('a provider that can not be asked at the end holds up nobody who tells that it was paid', async () => {
  onlyTheLastQuestionCanTell();
  const asked = platform.sandbox.addFault({ kind: 'error_before', operation: 'cancel' });
  const payment = await platform.openPayment();
  await until('the last question', () => asked.struck > 1);
  const raw = JSON.stringify(kpayEvent(`${payment.id}-1`));
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
  await platform.waitForStatus(payment.id, 'succeeded');
});

it('money that comes after the end is held in suspense, and the payment stays ended', async () => {
  const payment = await platform.openPayment();
  await platform.waitForStatus(payment.id, 'expired');
  platform.sandbox.addFault({ kind: 'allow_late_payment', count: 1 });
  await platform.checkout(payment, 'pay');
  await until('the late money', async () => (await chargesOf(payment.id)).length > 0);
  expect(await chargesOf(payment.id)).toEqual(['suspense']);
  expect((await platform.readPayment(payment.id)).status).toBe('expired');

  const { rows } = await platform.database.query<{ id: string }>(
    `select id from webhook_inbox where payment_id = $1 and event #>> '{status,kind}' = 'succeeded'`,
    [payment.id.slice(4)],
  );
  expect(rows).toHaveLength(1);
  const late = platform.temporal.workflow.getHandle(`late/${rows[0]?.id}`);
  expect(await late.result()).toEqual({ outcome: 'held_in_suspense' });
});
