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
beforeEach(() => (channel.capabilities.declineEnds = false));
afterEach(() => {
  channel.before = () => undefined;
  stage.channel = channel;
});

const declined: ChargeStatus = {
  kind: 'declined',
  error: { code: 'card_declined', message: 'Declined.', rawCode: '51' },
};
const processing = (reference: string): ChargeStatus => ({
  kind: 'processing',
  providerRef: numberOf(reference),
});
const paid = (reference: string): ChargeStatus => ({
  kind: 'succeeded',
  charge: { providerRef: numberOf(reference), amountMinor: '10000', currency: 'USD' },
});

/** The customer at the channel. */
function now(payment: StagedPayment, status: (reference: string) => ChargeStatus): ChargeStatus {
  const reference = payment.reference(1);
  channel.charges.set(reference, status(reference));
  return status(reference);
}

async function declinedPayment(options: Parameters<PaymentStage['start']>[0] = {}): Promise<StagedPayment> {
  const payment = await stage.start(options);
  await payment.tell(
    1,
    now(payment, () => declined),
  );
  await until('it is declined', async () => (await payment.attempts())[0] === 'declined');
  return payment;
}

const atChannel = (payment: StagedPayment) => channel.charges.get(payment.reference(1));
const callsOf = (payment: StagedPayment) =>
  channel.calls.filter((call) => call.endsWith(payment.reference(1))).map((call) => call.split(' ')[0]);
const stillProcessing = {
  cause: { details: [{ code: 'channel_refused', error: { code: 'charge_processing' } }] },
};

describe('where a charge that was declined can still be paid, it is closed', () => {
  test('before another attempt begins', async () => {
    const payment = await declinedPayment();
    await payment.ask({ kind: 'attempt' });
    expect(atChannel(payment)).toEqual({ kind: 'cancelled' });
    expect(await payment.attempts()).toEqual(['declined', 'action_required']);
  });

  test('before it is called cancelled', async () => {
    const payment = await declinedPayment();
    await payment.ask({ kind: 'cancel', reason: '' });
    expect(atChannel(payment)).toEqual({ kind: 'cancelled' });
    await payment.handle.result();
    expect(callsOf(payment)).toEqual(['start', 'cancel']);
  });

  test('before it expires', async () => {
    const payment = await declinedPayment({ expiresInMs: 1_500 });
    await payment.waitFor('expired');
    expect(atChannel(payment)).toEqual({ kind: 'cancelled' });
    expect(await payment.attempts()).toEqual(['declined']);
  });

  test('after the last decline, which ends the payment', async () => {
    const payment = await stage.start({ rules: { attemptsMax: 1 } });
    await payment.tell(
      1,
      now(payment, () => declined),
    );
    await payment.waitFor('failed');
    await payment.handle.result();
    expect(atChannel(payment)).toEqual({ kind: 'cancelled' });
    expect(await payment.attempts()).toEqual(['declined']);
  });

  test('in a run that begins anew after the decline, too', async () => {
    const payment = await declinedPayment({ expiresInMs: 3_000 });
    await payment.handle.terminate('lost');
    await payment.resume();
    await payment.waitFor('expired');
    expect(atChannel(payment)).toEqual({ kind: 'cancelled' });
  });
});

describe('the customer’s next try, of which no event has come,', () => {
  test('is waited for: no other attempt begins', async () => {
    const payment = await declinedPayment();
    now(payment, processing);
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject(stillProcessing);
    expect(await payment.waitFor('processing')).toMatchObject({ attemptNo: 1 });
    await payment.tell(1, now(payment, paid));
    await payment.waitFor('succeeded');
  });

  test('is waited for: the payment is not cancelled', async () => {
    const payment = await declinedPayment();
    now(payment, processing);
    await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject(stillProcessing);
    await payment.waitFor('processing');
  });

  test('is waited for: the payment does not expire', async () => {
    const payment = await declinedPayment({ expiresInMs: 1_500 });
    now(payment, processing);
    await payment.waitFor('processing');
  });

  test('pays the payment, whoever asked for what', async () => {
    const payment = await declinedPayment();
    now(payment, paid);
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject({
      cause: { details: [{ code: 'already_paid' }] },
    });
    await payment.waitFor('succeeded');
    expect(await payment.charges()).toEqual(['payment 10000']);
  });

  test('after the last decline is looked at until it is over, and held', async () => {
    const payment = await stage.start({ rules: { attemptsMax: 1 }, firstPollMs: 300 });
    channel.before = (kind) => {
      // On a busy machine the first poll comes before it.
      if (kind !== 'cancel') return;
      now(payment, processing);
      channel.before = () => undefined;
    };
    await payment.tell(1, declined);
    await payment.waitFor('failed');
    await until('it was asked', () => callsOf(payment).includes('cancel'));
    now(payment, paid);
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['suspense 10000']);
  });
});

test('where a decline ends the charge nothing is called for it', async () => {
  channel.capabilities.declineEnds = true;
  const payment = await declinedPayment();
  await payment.ask({ kind: 'attempt' });
  await payment.tell(2, declined);
  await until('it is declined', async () => (await payment.attempts())[1] === 'declined');
  await payment.ask({ kind: 'cancel', reason: '' });
  await payment.handle.result();
  expect(callsOf(payment)).toEqual(['start']);
});

test('a channel that is gone can not be asked: another attempt is refused, and the decline stays', async () => {
  const payment = await declinedPayment();
  stage.channel = undefined;
  await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject({
    cause: { details: [{ code: 'channel_refused', error: { code: 'channel_not_configured' } }] },
  });
  expect(await payment.attempts()).toEqual(['declined']);
});
