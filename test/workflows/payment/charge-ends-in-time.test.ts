import { isCallbackType } from '../../../domain/callback-types';
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
afterEach(() => (channel.before = () => undefined));

const cancelled: ChargeStatus = { kind: 'cancelled' };
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const timeLeft = ({ request }: StagedPayment) => Date.parse(request.expiresAt) - Date.now();

/** What the channel says from now on, and tells. */
async function becomes(payment: StagedPayment, status: ChargeStatus): Promise<string> {
  channel.charges.set(payment.reference(1), status);
  return payment.tell(1, status);
}

async function callbacks({ request }: StagedPayment): Promise<string[]> {
  const { rows } = await stage.database.query<{ type: string }>(
    'select type from payment_events where payment_id = $1 order by version',
    [request.paymentId],
  );
  return rows.map(({ type }) => type).filter(isCallbackType);
}

async function expiresAtItsTime(payment: StagedPayment): Promise<void> {
  const { lastError, updatedAt } = await payment.waitFor('expired');
  expect(lastError).toMatchObject({ code: 'expired' });
  expect(Date.parse(updatedAt)).toBeGreaterThanOrEqual(Date.parse(payment.request.expiresAt));
  await payment.handle.result();
}

describe.each([1, 3])('nobody pays, and the channel ends the charge; attempts at most: %d', (attemptsMax) => {
  const rules = { attemptsMax };

  test('a moment before us', async () => {
    const payment = await stage.start({ expiresInMs: 1_500, rules });
    const event = await becomes(payment, cancelled);
    await expiresAtItsTime(payment);
    expect(await callbacks(payment)).toEqual(['payment.expired']);
    expect(await payment.attempts()).toEqual(['cancelled']);
    expect(await payment.inbox(event)).toBe('applied');
  });

  test('a moment before us, and a look tells so', async () => {
    const payment = await stage.start({ expiresInMs: 1_500, firstPollMs: 500, rules });
    channel.charges.set(payment.reference(1), cancelled);
    await expiresAtItsTime(payment);
    expect(channel.calls).toContain(`query ${payment.reference(1)}`);
    expect(await callbacks(payment)).toEqual(['payment.expired']);
  });

  test('when our time is over as well', async () => {
    const payment = await stage.start({ expiresInMs: 1_500, rules });
    // What comes first interrupts our closing.
    channel.before = async (kind) => {
      if (kind !== 'cancel') return;
      channel.before = () => undefined;
      await payment.tell(1, { kind: 'open' });
      await becomes(payment, cancelled);
      await later(300);
    };
    await expiresAtItsTime(payment);
    expect(await callbacks(payment)).toEqual(['payment.expired']);
  });

  test('after it has worked on it past our time', async () => {
    const payment = await stage.start({ expiresInMs: 1_000, rules });
    await becomes(payment, { kind: 'processing' });
    await payment.waitFor('processing');
    await later(timeLeft(payment) + 100);
    await becomes(payment, cancelled);
    await expiresAtItsTime(payment);
    expect(await callbacks(payment)).toEqual(['payment.processing', 'payment.expired']);
  });

  test('and is paid there after all, before our time is over', async () => {
    const payment = await stage.start({ expiresInMs: 1_900, rules });
    const event = await becomes(payment, cancelled);
    await until('that is heard', async () => (await payment.inbox(event)) === 'applied');
    const charge = { providerRef: numberOf(payment.reference(1)), amountMinor: '10000', currency: 'USD' };
    await becomes(payment, { kind: 'succeeded', charge });
    await payment.waitFor('succeeded');
    expect(await callbacks(payment)).toEqual(['payment.succeeded']);
  });
});

describe('a charge that the channel cancels long before', () => {
  test('is an attempt that has failed', async () => {
    const payment = await stage.start();
    await becomes(payment, cancelled);
    await until('it is told', async () => (await callbacks(payment)).includes('payment.attempt_failed'));
    expect((await payment.state()).lastError).toMatchObject({ code: 'cancelled_at_channel' });
  });

  test('takes the payment with it where no other may follow', async () => {
    const payment = await stage.start({ rules: { attemptsMax: 1 } });
    await becomes(payment, cancelled);
    expect(await payment.waitFor('failed')).toMatchObject({ lastError: { code: 'cancelled_at_channel' } });
  });
});
