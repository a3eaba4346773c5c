import type { ChargeStatus } from '../../../domain/payment/outcome';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { numberOf, scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

const channel = scriptedChannel();
let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());
afterEach(() => {
  channel.before = () => undefined;
});

const money = (reference: string) => ({
  providerRef: numberOf(reference),
  amountMinor: '10000',
  currency: 'USD',
});
const held = (reference: string): ChargeStatus => ({ kind: 'authorized', charge: money(reference) });

/** The customer at the channel. */
function now(
  payment: StagedPayment,
  attemptNo: number,
  status: (reference: string) => ChargeStatus,
): ChargeStatus {
  const reference = payment.reference(attemptNo);
  channel.charges.set(reference, status(reference));
  return status(reference);
}

const handedOver = async (payment: StagedPayment, told: string) => {
  await until('the event is settled', async () => (await payment.inbox(told)) === 'applied');
  await until('the late workflow ends', async () => (await stage.late(told)) === 'reserved_in_vain');
};

async function newerAttempt(): Promise<StagedPayment> {
  const payment = await stage.start({ capture: 'manual' });
  await payment.ask({ kind: 'attempt' });
  return payment;
}

test('an older attempt’s is given back, and the newer one goes on', async () => {
  const payment = await newerAttempt();
  const before = await payment.state();
  const told = await payment.tell(1, now(payment, 1, held));
  await handedOver(payment, told);
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  expect(await payment.attempts()).toEqual(['cancelled', 'action_required']);
  expect(await payment.state()).toEqual(before);

  await payment.tell(2, now(payment, 2, held));
  await payment.waitFor('authorized');
  await payment.ask({ kind: 'capture', isFinal: true });
  await payment.handle.result();
  expect(channel.captures.get(`${payment.reference(2)}.c1`)).toBe(10_000n);
  expect(await payment.charges()).toEqual(['payment 10000']);
});

test('an older attempt’s is given back beside the one that counts', async () => {
  const payment = await newerAttempt();
  await payment.tell(2, now(payment, 2, held));
  await payment.waitFor('authorized');
  await handedOver(payment, await payment.tell(1, now(payment, 1, held)));
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  expect(channel.charges.get(payment.reference(2))).toMatchObject({ kind: 'authorized' });
  expect(await payment.attempts()).toEqual(['cancelled', 'authorized']);
});

test('nothing else waits while the channel does not answer, and the end does not forget it', async () => {
  const payment = await newerAttempt();
  channel.before = (_kind, reference) => {
    if (reference === payment.reference(1)) throw new Error('away');
  };
  const told = await payment.tell(1, now(payment, 1, held));
  await until('it is kept', async () => (await payment.inbox(told)) === 'applied');
  expect(await payment.attempts()).toEqual(['authorized', 'action_required']);
  // A sweep that tells it again, and the payment's end.
  await payment.tellAgain(told, 1, held(payment.reference(1)));
  await payment.ask({ kind: 'cancel', reason: '' });
  await payment.handle.result();
  channel.before = () => undefined;
  await handedOver(payment, told);
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  expect(await payment.attempts()).toEqual(['cancelled', 'cancelled']);
});

test.each(['cancelled', 'expired'])('one that comes when the payment is %s is given back', async (end) => {
  const payment = await stage.start({ capture: 'manual', expiresInMs: end === 'expired' ? 1_000 : 60_000 });
  if (end === 'cancelled') await payment.ask({ kind: 'cancel', reason: '' });
  await payment.handle.result();
  const told = await payment.tellLate(1, now(payment, 1, held));
  await handedOver(payment, told);
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  expect(await payment.attempts()).toEqual(['cancelled']);
  expect(await payment.state()).toMatchObject({ status: end });
  expect(await payment.charges()).toEqual([]);
});

test('old news of one that was given back leaves the attempt as it was', async () => {
  const payment = await stage.start({ capture: 'manual', rules: { captureWithinMs: 500 } });
  await payment.tell(1, now(payment, 1, held));
  await payment.waitFor('expired');
  await payment.handle.result();
  const told = await payment.tellLate(1, held(payment.reference(1)));
  await until('settled', async () => (await payment.inbox(told)) === 'ignored');
  expect(await payment.attempts()).toEqual(['expired']);
});

test('old news of one that was captured touches nothing', async () => {
  const payment = await stage.start({ capture: 'manual' });
  await payment.tell(1, now(payment, 1, held));
  await payment.waitFor('authorized');
  await payment.ask({ kind: 'capture', isFinal: true });
  await payment.handle.result();
  const calls = channel.calls.length;
  const told = await payment.tellLate(1, held(payment.reference(1)));
  await until('settled', async () => (await payment.inbox(told)) === 'ignored');
  expect(channel.calls).toHaveLength(calls);
  expect(await payment.attempts()).toEqual(['succeeded']);
});

test('of another amount, it ends the payment and is given back', async () => {
  const payment = await stage.start({ capture: 'manual' });
  const charge = (reference: string) => ({ ...money(reference), amountMinor: '100' });
  await payment.tell(
    1,
    now(payment, 1, (reference) => ({ kind: 'authorized', charge: charge(reference) })),
  );
  expect((await payment.waitFor('failed')).lastError).toMatchObject({ code: 'amount_mismatch' });
  await payment.handle.result();
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  expect(await payment.attempts()).toEqual(['cancelled']);
  expect(await payment.charges()).toEqual([]);
});
