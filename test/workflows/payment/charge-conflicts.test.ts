import type { ChargeStatus } from '../../../domain/payment/outcome';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

const channel = scriptedChannel();
let stage: PaymentStage;
/** A charge that is on the books, of a payment that was paid with it. */
let taken: ChargeStatus & { kind: 'succeeded' };
beforeAll(async () => {
  stage = await startPaymentStage(channel);
  const owner = await stage.start();
  taken = { kind: 'succeeded', charge: { providerRef: 'taken', amountMinor: '10000', currency: 'USD' } };
  await owner.tell(1, taken);
  await owner.waitFor('succeeded');
});
afterAll(() => stage?.stop());
afterEach(() => {
  channel.before = () => undefined;
});

const isSeen = (payment: StagedPayment) =>
  until('a person can see it', async () => (await payment.attention()).includes('charge_conflict'));

async function historyLength(payment: StagedPayment): Promise<number> {
  return (await payment.handle.describe()).historyLength;
}

test('an event that names another payment’s charge is set aside, and the payment stays open', async () => {
  const payment = await stage.start();
  const told = await payment.tell(1, taken);
  await until('it is settled', async () => (await payment.inbox(told)) === 'ignored');
  await isSeen(payment);
  expect(await payment.state()).toMatchObject({ status: 'requires_action' });
  expect(await payment.charges()).toEqual([]);
});

test('found at the end, it keeps nothing open', async () => {
  const payment = await stage.start({ expiresInMs: 1_000 });
  channel.charges.set(payment.reference(1), taken);
  await payment.waitFor('expired');
  await isSeen(payment);
  await payment.handle.result();
  expect(await payment.charges()).toEqual([]);
  expect(await historyLength(payment)).toBeLessThan(60);
});

test('found in doubt, it ends the payment instead of being asked about for ever', async () => {
  let isLost = true;
  channel.before = () => {
    if (isLost) throw new Error('lost');
  };
  const payment = await stage.start({ until: 'unknown' });
  channel.charges.set(payment.reference(1), taken);
  isLost = false;
  const failed = await payment.waitFor('failed');
  expect(failed.lastError?.code).toBe('charge_conflict');
  await isSeen(payment);
  await payment.handle.result();
  expect(await historyLength(payment)).toBeLessThan(80);
});

test('found when a reservation is over, the reservation ends as it would', async () => {
  const payment = await stage.start({ capture: 'manual', rules: { captureWithinMs: 500 } });
  const charge = { providerRef: 'mine', amountMinor: '10000', currency: 'USD' };
  await payment.tell(1, { kind: 'authorized', charge });
  channel.charges.set(payment.reference(1), taken);
  await payment.waitFor('expired');
  await isSeen(payment);
  expect(await payment.charges()).toEqual([]);
});

test('a charge that this very payment has on its books already is told again without effect', async () => {
  const payment = await stage.start({ capture: 'manual' });
  await payment.ask({ kind: 'attempt' });
  const charge = { providerRef: `own-${payment.request.paymentId}`, amountMinor: '10000', currency: 'USD' };
  await payment.tell(2, { kind: 'authorized', charge: { ...charge, providerRef: 'second' } });
  await payment.waitFor('authorized');
  channel.charges.set(payment.reference(2), { kind: 'authorized', charge });
  await payment.ask({ kind: 'capture', amountMinor: '3000', isFinal: false });
  await payment.tell(1, { kind: 'succeeded', charge });
  await until('it lies in suspense', async () => (await payment.charges()).includes('suspense 10000'));

  const again = await payment.tell(1, { kind: 'succeeded', charge });
  await until('it is settled', async () => (await payment.inbox(again)) === 'ignored');
  expect(await payment.attention()).toEqual([]);
  await payment.ask({ kind: 'capture', isFinal: true });
  expect(await payment.charges()).toEqual(['payment 3000', 'suspense 10000', 'payment 7000']);
});
