import type { ChargeStatus } from '../../../domain/payment/outcome';
import { inTransaction } from '../../../db/transaction';
import { startPaymentStage, type PaymentStage } from '../../support/payment-stage';
import { numberOf, scriptedChannel, type ScriptedCall } from '../../support/scripted-channel';
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
const paid = (reference: string): ChargeStatus => ({ kind: 'succeeded', charge: money(reference) });
const reserved = (reference: string): ChargeStatus => ({ kind: 'authorized', charge: money(reference) });
const declined: ChargeStatus = { kind: 'declined', error: { code: 'declined', message: 'No.' } };

const refusedAs = (code: string) => ({ cause: { type: 'CommandRefused', details: [{ code }] } });

/** Keeps the channel's answers of one kind back until it is called. */
function holdBack(held: ScriptedCall): () => void {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  channel.before = (kind) => (kind === held ? gate : undefined);
  return letGo;
}

/** Nothing of the payment is written until it is called. */
async function holdRow(paymentId: string): Promise<() => Promise<void>> {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  let isHeld = false;
  const holding = inTransaction(stage.database, async (transaction) => {
    await transaction.query('select from payments where id = $1 for update', [paymentId]);
    isHeld = true;
    await gate;
  });
  await until('the row is held', () => isHeld);
  return () => {
    letGo();
    return holding;
  };
}

async function isAwaited(): Promise<boolean> {
  const { rows } = await stage.database.query(
    `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  );
  return rows.length > 0;
}

test('money is booked once, and who asked hears of it, when Temporal loses the task that booked it', async () => {
  const payment = await stage.start();
  const reference = payment.reference(1);
  const letAnswer = holdBack('cancel');
  const cancelled = payment.ask({ kind: 'cancel', reason: '' });
  await until('it was asked', () => channel.calls.includes(`cancel ${reference}`));
  channel.charges.set(reference, paid(reference));
  const letWrite = await holdRow(payment.request.paymentId);
  const event = await payment.tell(1, paid(reference));
  await until('the event is being written down', isAwaited);
  // What comes now keeps Temporal from taking the end that this task is about to report.
  const again = payment.ask({ kind: 'attempt' });
  letAnswer();
  const answers = Promise.allSettled([cancelled, again]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await letWrite();
  expect((await answers)[0]).toMatchObject({ reason: refusedAs('already_paid') });
  expect(await payment.handle.result()).toMatchObject({ status: 'succeeded' });
  expect(await payment.charges()).toEqual(['payment 10000']);
  expect(await payment.inbox(event)).toBe('applied');
  expect(await payment.states()).toEqual(['pending', 'requires_action', 'succeeded']);
  const { events } = await payment.handle.fetchHistory();
  const lost = (events ?? []).filter((one) => one.workflowTaskFailedEventAttributes != null);
  expect(lost).toHaveLength(1);
});

describe('what a lost task has written down', () => {
  test('is not written over by a cancellation, and the answer says so', async () => {
    const payment = await stage.start();
    const letAnswer = holdBack('cancel');
    const cancelled = payment.ask({ kind: 'cancel', reason: '' });
    await until('it was asked', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await payment.recordUntold(1, paid(payment.reference(1)));
    letAnswer();
    await expect(cancelled).rejects.toMatchObject(refusedAs('payment_closed'));
    expect(await payment.handle.result()).toMatchObject({ status: 'succeeded' });
    expect(await payment.charges()).toEqual(['payment 10000']);
  });

  test('is what another attempt begins from', async () => {
    const payment = await stage.start();
    const letAnswer = holdBack('cancel');
    const tried = payment.ask({ kind: 'attempt' });
    await until('it was asked', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await payment.recordUntold(1, declined);
    letAnswer();
    expect(await tried).toMatchObject({ status: 'requires_action', attemptNo: 2 });
    expect(await payment.attempts()).toEqual(['declined', 'action_required']);
    await payment.tell(2, paid(payment.reference(2)));
    expect(await payment.handle.result()).toMatchObject({ status: 'succeeded' });
  });

  test('ends a payment that was about to expire', async () => {
    const letAnswer = holdBack('cancel');
    const payment = await stage.start({ expiresInMs: 1_500 });
    await until('it was closed', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await payment.recordUntold(1, paid(payment.reference(1)));
    letAnswer();
    expect(await payment.handle.result()).toMatchObject({ status: 'succeeded' });
    expect(await payment.states()).toEqual(['pending', 'requires_action', 'succeeded']);
  });

  test('keeps what is reserved until its own end, and not until the next look at the charge', async () => {
    const payment = await stage.start({ capture: 'manual', firstPollMs: 2_000 });
    const event = await payment.recordUntold(1, reserved(payment.reference(1)));
    channel.charges.set(payment.reference(1), reserved(payment.reference(1)));
    await payment.tellAgain(event, 1, reserved(payment.reference(1)));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(channel.calls).not.toContain(`cancel ${payment.reference(1)}`);
    expect(await payment.ask({ kind: 'capture', isFinal: true })).toMatchObject({ status: 'succeeded' });
    expect(await payment.charges()).toEqual(['payment 10000']);
  });

  test('keeps a capture from what nobody reserves any more', async () => {
    const payment = await stage.start({ capture: 'manual' });
    const reference = payment.reference(1);
    await payment.tell(1, reserved(reference));
    await payment.waitFor('authorized');
    await payment.recordUntold(1, { kind: 'cancelled' });
    const captured = payment.ask({ kind: 'capture', isFinal: true });
    await expect(captured).rejects.toMatchObject(refusedAs('payment_closed'));
    expect(channel.calls).not.toContain(`capture ${reference}.c1`);
    expect(await payment.handle.result()).toMatchObject({ status: 'cancelled' });
  });

  test('leaves other money, which comes after it, in suspense', async () => {
    const payment = await stage.start();
    await payment.recordUntold(1, paid(payment.reference(1)));
    const event = await payment.tell(1, paid('other money'));
    expect(await payment.handle.result()).toMatchObject({ status: 'succeeded' });
    expect(await payment.charges()).toEqual(['payment 10000', 'suspense 10000']);
    expect(await payment.inbox(event)).toBe('applied');
  });
});
