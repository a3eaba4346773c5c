import type { ChargeStatus } from '../../../domain/payment/outcome';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { numberOf, scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

/** The customer is given a form, and the channel knows of nothing until it is posted. */
const channel = scriptedChannel({ begunByCustomer: true, cancel: 'reservations' });
channel.onStart = () => ({ kind: 'action', nextAction: { type: 'redirect', url: 'https://pay.test/' } });

let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(channel, { channelFastTimeoutMs: 100, channelTimeoutMs: 200 });
});
afterAll(() => stage?.stop());

const money = (reference: string) => ({
  providerRef: numberOf(reference),
  amountMinor: '10000',
  currency: 'USD',
});

/** The customer posts the form that was left, and pays. */
function pays(payment: StagedPayment, attemptNo: number): ChargeStatus {
  const reference = payment.reference(attemptNo);
  const paid: ChargeStatus = { kind: 'succeeded', charge: money(reference) };
  channel.charges.set(reference, paid);
  return paid;
}

async function cancelled(payment: StagedPayment): Promise<StagedPayment> {
  const after = await payment.ask({ kind: 'cancel', reason: '' });
  expect(after).toMatchObject({ status: 'cancelled', lastError: { code: 'cancelled' } });
  expect(after.lastError?.message).toMatch(/what is paid there now is held in suspense/);
  expect(await payment.attempts()).toEqual(['action_required']);
  return payment;
}

test('what is paid after a cancellation, and no notice tells of, is found and held in suspense', async () => {
  const payment = await cancelled(await stage.start({ firstPollMs: 300 }));
  pays(payment, 1);
  await expect(payment.handle.result()).resolves.toMatchObject({ status: 'cancelled' });
  expect(await payment.charges()).toEqual(['suspense 10000']);
  expect(await payment.attempts()).toEqual(['succeeded']);
});

test('a notice is heard at once, however far apart the looks are', async () => {
  const payment = await cancelled(await stage.start({ firstPollMs: 60_000 }));
  await until('it waits for the next look', async () => {
    const { events } = await payment.handle.fetchHistory();
    const timers = events?.filter((event) => event.timerStartedEventAttributes) ?? [];
    // The first was for the customer.
    return timers.length === 2;
  });
  const inboxId = await payment.tell(1, pays(payment, 1));
  await payment.handle.result();
  expect(await payment.charges()).toEqual(['suspense 10000']);
  expect(await payment.inbox(inboxId)).toBe('applied');
});

test('what is paid after the end of its time is found as well', async () => {
  const payment = await stage.start({ expiresInMs: 1_000, firstPollMs: 300 });
  const { lastError } = await payment.waitFor('expired');
  expect(lastError?.message).toMatch(/held in suspense/);
  expect(await payment.attempts()).toEqual(['action_required']);
  pays(payment, 1);
  await payment.handle.result();
  expect(await payment.charges()).toEqual(['suspense 10000']);
});

test('what is only reserved then is given back', async () => {
  const payment = await cancelled(await stage.start({ capture: 'manual', firstPollMs: 300 }));
  const reference = payment.reference(1);
  channel.charges.set(reference, { kind: 'authorized', charge: money(reference) });
  await payment.handle.result();
  expect(channel.charges.get(reference)).toEqual({ kind: 'cancelled' });
  expect(await payment.attempts()).toEqual(['cancelled']);
  expect(await payment.charges()).toEqual([]);
});

describe('another attempt is begun before the first one was', () => {
  async function secondAttempt(firstPollMs: number): Promise<StagedPayment> {
    const payment = await stage.start({ firstPollMs });
    await payment.ask({ kind: 'attempt' });
    return payment;
  }

  test('both are paid, and what no notice tells of is held in suspense', async () => {
    const payment = await secondAttempt(300);
    await payment.tell(2, pays(payment, 2));
    await payment.waitFor('succeeded');
    expect(await payment.attempts()).toEqual(['cancelled', 'succeeded']);
    pays(payment, 1);
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['payment 10000', 'suspense 10000']);
  });

  test('a run that begins anew looks at the first one as well', async () => {
    const payment = await secondAttempt(300);
    await payment.handle.terminate('lost with Temporal');
    pays(payment, 1);
    await payment.resume();
    await payment.waitFor('succeeded');
    expect(await payment.charges()).toEqual(['payment 10000']);
    channel.charges.set(payment.reference(2), { kind: 'cancelled' });
  });

  test('the first one alone is paid, and pays the payment', async () => {
    const payment = await secondAttempt(300);
    pays(payment, 1);
    await payment.waitFor('succeeded');
    expect(await payment.charges()).toEqual(['payment 10000']);
    channel.charges.set(payment.reference(2), { kind: 'cancelled' });
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['payment 10000']);
  });
});
