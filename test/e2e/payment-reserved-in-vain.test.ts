import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { brokenInvariants } from '../support/invariants';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

const ask = (id: string, what: string, body: object = {}) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key: platform.merchant.apiKey, body });

async function opened(): Promise<PaymentBody> {
  const order = anOrder({ amount: '100', currency: 'USD', capture: 'manual' });
  return (await platform.startPayment(order)).body as PaymentBody;
}

/** Both checkouts of a payment that has had two, and the first can be paid although it was closed. */
async function openedTwice(): Promise<[PaymentBody, PaymentBody]> {
  const first = await opened();
  platform.sandbox.addFault({ kind: 'allow_late_payment', reference: `${first.id}-1` });
  const second = await ask(first.id, 'attempts');
  expect(second).toMatchObject({ status: 200, body: { status: 'requires_action', attempts: 2 } });
  return [first, second.body as PaymentBody];
}

const orderOf = ({ id }: PaymentBody, attemptNo: number) => platform.sandbox.find(`${id}-${attemptNo}`);

async function givenBack(payment: PaymentBody): Promise<void> {
  await until('it is told in the timeline', async () => {
    const { body } = await platform.call('GET', `/api/v1/payments/${payment.id}/timeline`, {
      key: platform.merchant.apiKey,
    });
    const { lines } = body as { lines: { what: string; reference: string | null }[] };
    return lines.some(
      ({ what, reference }) =>
        reference === `${payment.id}-1` && what.startsWith('The attempt is cancelled: reserved_in_vain'),
    );
  });
  expect(orderOf(payment, 1)).toMatchObject({ status: 'cancelled', charged_amount: 0 });
}

afterEach(async () => {
  const broken = await brokenInvariants(platform.database, platform.sandbox.book());
  expect(broken).not.toContain('no reservation outlives its payment, or the attempt it was made by');
});

test('what the customer reserves on an older checkout is given back, and the newer one is captured once', async () => {
  const [first, second] = await openedTwice();
  await platform.checkout(first, 'pay');
  await givenBack(first);
  expect(await platform.readPayment(first.id)).toMatchObject({
    status: 'requires_action',
    nextAction: second.nextAction,
  });

  await platform.checkout(second, 'pay');
  await platform.waitForStatus(first.id, 'authorized');
  expect(await ask(first.id, 'capture')).toMatchObject({ status: 200, body: { capturedAmount: '100.00' } });
  expect(orderOf(first, 2)).toMatchObject({ status: 'paid', charged_amount: 10_000 });
  expect(orderOf(first, 1)).toMatchObject({ charged_amount: 0 });
});

test('reserved on both, the newer one stands, and a cancellation leaves neither', async () => {
  const [first, second] = await openedTwice();
  await platform.checkout(second, 'pay');
  await platform.waitForStatus(first.id, 'authorized');
  await platform.checkout(first, 'pay');
  await givenBack(first);
  expect(orderOf(first, 2)).toMatchObject({ status: 'authorized' });
  expect(await ask(first.id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(orderOf(first, 2)).toMatchObject({ status: 'cancelled' });
});

test('an older one that the channel does not give back at once is given back after the payment’s end', async () => {
  const [first] = await openedTwice();
  const away = platform.sandbox.addFault({
    kind: 'error_before',
    operation: 'cancel',
    reference: `${first.id}-1`,
  });
  await platform.checkout(first, 'pay');
  await until('it was asked', () => away.struck > 1);
  expect(await ask(first.id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(orderOf(first, 1)).toMatchObject({ status: 'authorized' });
  platform.sandbox.clearFaults();
  await givenBack(first);
});

test('what is reserved after the end is given back, and the payment stays ended', async () => {
  const payment = await opened();
  expect((await ask(payment.id, 'cancel')).status).toBe(200);
  platform.sandbox.addFault({ kind: 'allow_late_payment', reference: `${payment.id}-1` });
  await platform.checkout(payment, 'pay');
  await givenBack(payment);
  expect(await platform.readPayment(payment.id)).toMatchObject({ status: 'cancelled' });
});

test('a reservation of another amount ends the payment, and is given back', async () => {
  const payment = await opened();
  const { order_id } = orderOf(payment, 1) ?? {};
  const news = { order_id, status: 'authorized', amount: 100, currency: 'USD', paid_at: null };
  const raw = JSON.stringify(kpayEvent(`${payment.id}-1`, news));
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
  const failed = await platform.waitForStatus(payment.id, 'failed');
  expect(failed.lastError).toMatchObject({ code: 'amount_mismatch' });
  await until('it is closed', () => orderOf(payment, 1)?.status === 'cancelled');
});
