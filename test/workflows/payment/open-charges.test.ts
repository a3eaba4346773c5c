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
  channel.capabilities.cancel = 'all';
  stage.channel = channel;
});

const money = (reference: string) => ({
  providerRef: numberOf(reference),
  amountMinor: '10000',
  currency: 'USD',
});
const paid = (reference: string): ChargeStatus => ({ kind: 'succeeded', charge: money(reference) });
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

async function reserved(): Promise<StagedPayment> {
  const payment = await stage.start({ capture: 'manual' });
  await payment.tell(1, now(payment, 1, held));
  await payment.waitFor('authorized');
  return payment;
}

const refusedFor = (code: string) => ({
  cause: { type: 'CommandRefused', details: [{ code: 'channel_refused', error: { code } }] },
});

describe('an older attempt is paid while a newer one is open', () => {
  async function secondAttempt(): Promise<StagedPayment> {
    const payment = await stage.start();
    await payment.ask({ kind: 'attempt' });
    return payment;
  }

  test('the newer charge is closed at the channel', async () => {
    const payment = await secondAttempt();
    await payment.tell(1, now(payment, 1, paid));
    await payment.waitFor('succeeded');
    await expect(payment.handle.result()).resolves.toMatchObject({ status: 'succeeded' });
    expect(channel.charges.get(payment.reference(2))).toEqual({ kind: 'cancelled' });
    expect(await payment.attempts()).toEqual(['succeeded', 'cancelled']);
    expect(await payment.charges()).toEqual(['payment 10000']);
  });

  test('what is paid there meanwhile is held in suspense', async () => {
    const payment = await secondAttempt();
    now(payment, 2, paid);
    await payment.tell(1, now(payment, 1, paid));
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['payment 10000', 'suspense 10000']);
    expect(await payment.state()).toMatchObject({ status: 'succeeded', capturedMinor: '10000' });
  });

  test('a newer reservation is given back', async () => {
    const payment = await stage.start({ capture: 'manual' });
    await payment.ask({ kind: 'attempt' });
    await payment.tell(2, now(payment, 2, held));
    await payment.waitFor('authorized');
    await payment.tell(1, now(payment, 1, paid));
    await payment.handle.result();
    expect(channel.charges.get(payment.reference(2))).toEqual({ kind: 'cancelled' });
    expect(await payment.charges()).toEqual(['payment 10000']);
  });
});

describe('at a channel that can not close a charge', () => {
  beforeEach(() => (channel.capabilities.cancel = 'none'));

  test('nothing is cancelled, and no other attempt is begun, while it can still be paid', async () => {
    const payment = await stage.start();
    await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject(
      refusedFor('charge_still_open'),
    );
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject(refusedFor('charge_still_open'));
    expect(await payment.state()).toMatchObject({ status: 'requires_action', attemptNo: 1 });
    await payment.tell(1, now(payment, 1, paid));
    await payment.waitFor('succeeded');
  });

  test('a reservation is not called cancelled either', async () => {
    const payment = await reserved();
    await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject(
      refusedFor('charge_still_open'),
    );
    expect(await payment.state()).toMatchObject({ status: 'authorized' });
  });

  test('it expires, says so, and late money that no webhook tells of is held in suspense', async () => {
    const payment = await stage.start({ expiresInMs: 1_000, firstPollMs: 300 });
    const expired = await payment.waitFor('expired');
    expect(expired.lastError?.message).toMatch(/suspense/);
    expect(await payment.attempts()).toEqual(['action_required']);
    now(payment, 1, paid);
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['suspense 10000']);
    expect(await payment.attempts()).toEqual(['succeeded']);
  });

  test('what was reserved at the last moment is reserved, not expired', async () => {
    const payment = await stage.start({ capture: 'manual', expiresInMs: 1_000 });
    now(payment, 1, held);
    await payment.waitFor('authorized');
  });

  test('a reservation that is over lapses there, and is watched until it has', async () => {
    const payment = await stage.start({
      capture: 'manual',
      firstPollMs: 300,
      rules: { captureWithinMs: 500 },
    });
    await payment.tell(1, now(payment, 1, held));
    const over = await payment.waitFor('expired');
    expect(over.lastError?.message).toMatch(/lapses/);
    expect(await payment.attempts()).toEqual(['authorized']);
    now(payment, 1, () => ({ kind: 'cancelled' }));
    await payment.handle.result();
    expect(await payment.attempts()).toEqual(['cancelled']);
  });
});

describe('news that a reservation is gone', () => {
  const declined: ChargeStatus = { kind: 'declined', error: { code: 'card_declined', message: 'Declined.' } };

  test('is believed when the channel says so too, and ends the payment, attempts left or not', async () => {
    const payment = await reserved();
    await payment.tell(
      1,
      now(payment, 1, () => ({ kind: 'cancelled' })),
    );
    const ended = await payment.waitFor('cancelled');
    expect(ended.lastError).toMatchObject({ code: 'cancelled_at_channel' });
    expect(ended.lastError?.message).toMatch(/new orderId/);
  });

  test('that is old changes nothing, on the last attempt as well', async () => {
    const payment = await stage.start({ capture: 'manual', rules: { attemptsMax: 1 } });
    await payment.tell(1, now(payment, 1, held));
    await payment.waitFor('authorized');
    const told = await payment.tell(1, declined);
    await until('it is settled', async () => (await payment.inbox(told)) === 'ignored');
    expect(await payment.state()).toMatchObject({ status: 'authorized' });
  });

  test('waits in the inbox while the channel does not answer', async () => {
    const payment = await reserved();
    channel.before = () => {
      throw new Error('away');
    };
    const told = await payment.tell(1, declined);
    await until('it was asked', () => channel.calls.includes(`query ${payment.reference(1)}`));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await payment.inbox(told)).toBe('received');
    expect(await payment.state()).toMatchObject({ status: 'authorized' });
  });
});

describe('a channel that does not answer', () => {
  test('holds up nobody who tells that it was paid: the command is refused for that', async () => {
    const payment = await stage.start();
    channel.before = (kind) => {
      if (kind === 'cancel') throw new Error('away');
    };
    const asked = payment.ask({ kind: 'cancel', reason: '' });
    asked.catch(() => undefined);
    await until('it was asked', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await payment.tell(1, now(payment, 1, paid));
    await payment.waitFor('succeeded');
    await expect(asked).rejects.toMatchObject({
      cause: { type: 'CommandRefused', details: [{ code: 'payment_closed' }] },
    });
  });

  test('a reservation that is over can be told to be captured all the same', async () => {
    const payment = await stage.start({ capture: 'manual', rules: { captureWithinMs: 500 } });
    await payment.tell(1, now(payment, 1, held));
    await payment.waitFor('authorized');
    channel.before = (kind) => {
      if (kind === 'cancel') throw new Error('away');
    };
    await until('it was asked', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await payment.tell(1, now(payment, 1, paid));
    await payment.waitFor('succeeded');
    expect(await payment.charges()).toEqual(['payment 10000']);
  });
});

describe('a channel whose configuration was removed', () => {
  test('refuses commands by name, and leaves the payment as it is', async () => {
    const payment = await stage.start();
    stage.channel = undefined;
    await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject(
      refusedFor('channel_not_configured'),
    );
    expect(await payment.state()).toMatchObject({ status: 'requires_action' });
  });

  test('a payment expires unconfirmed, on the operators’ list, and is looked at again', async () => {
    const payment = await stage.start({ expiresInMs: 1_000, firstPollMs: 300 });
    stage.channel = undefined;
    await payment.waitFor('expired');
    // The row says it first; the list is told at the end of that task.
    await until('a person can see it', async () => (await payment.attention()).includes('channel_removed'));
    now(payment, 1, paid);
    stage.channel = channel;
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['suspense 10000']);
    expect(await payment.attention()).toEqual([]);
  });

  test('a reservation stays one until the channel can be asked', async () => {
    const payment = await stage.start({
      capture: 'manual',
      firstPollMs: 300,
      rules: { captureWithinMs: 500 },
    });
    await payment.tell(1, now(payment, 1, held));
    await payment.waitFor('authorized');
    stage.channel = undefined;
    await until('a person can see it', async () => (await payment.attention()).includes('channel_removed'));
    expect(await payment.state()).toMatchObject({ status: 'authorized' });
    stage.channel = channel;
    await payment.waitFor('expired');
    expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  });

  test('a doubt stays one until the channel can be asked', async () => {
    let isLost = true;
    channel.before = (kind) => {
      if (isLost && kind !== 'cancel') throw new Error('lost');
    };
    const payment = await stage.start({ firstPollMs: 300, until: 'unknown' });
    stage.channel = undefined;
    await until('a person can see it', async () => (await payment.attention()).includes('channel_removed'));
    isLost = false;
    now(payment, 1, paid);
    stage.channel = channel;
    await payment.waitFor('succeeded');
    await payment.handle.result();
    expect(await payment.attention()).toEqual([]);
  });
});
