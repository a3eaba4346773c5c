import { listAttempts } from '../../../db/read-models/payment-attempts';
import { loadTimeline } from '../../../db/read-models/payment-timeline';
import { loadPaymentById } from '../../../db/stores/payments-store';
import type { ChargeStatus } from '../../../domain/payment/outcome';
import { isUncalled } from '../../../domain/payment/uncalled';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

const channel = scriptedChannel();
let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());
afterEach(() => {
  stage.isSwitchedOff = false;
});

const declined = {
  kind: 'declined',
  error: { code: 'card_declined', message: 'Declined.', rawCode: '51' },
} satisfies ChargeStatus;
const cancel = { kind: 'cancel', reason: '' } as const;
const planned = 'An attempt at scripted was planned; nothing was sent.';

async function firstAttempt({ request }: StagedPayment) {
  const [attempt] = await listAttempts(stage.database, request.paymentId, { limit: 1, after: 0 });
  if (attempt === undefined) throw new Error('There is no attempt.');
  return attempt;
}

/** What the timeline tells of attempts; whether the list of attempts calls the first one sent. */
async function told(payment: StagedPayment): Promise<{ lines: string[]; isSent: boolean }> {
  const stored = await loadPaymentById(stage.database, payment.request.paymentId);
  if (stored === undefined) throw new Error('The payment is not there.');
  const lines = await loadTimeline(stage.database, stored, { role: 'merchant' });
  const { status, error } = await firstAttempt(payment);
  return {
    lines: lines.filter(({ source }) => source === 'attempt').map(({ what }) => what),
    isSent: !isUncalled(status, error),
  };
}

describe('a decline is still one', () => {
  async function declinedPayment(expiresInMs?: number): Promise<StagedPayment> {
    const payment = await stage.start({ expiresInMs });
    await payment.tell(1, declined);
    await until('it is declined', async () => (await payment.attempts())[0] === 'declined');
    return payment;
  }
  const asItWas = { status: 'declined', error: { code: 'card_declined', rawCode: '51' } };

  test('when the payment is cancelled', async () => {
    const payment = await declinedPayment();
    await payment.ask(cancel);
    expect(await firstAttempt(payment)).toMatchObject(asItWas);
    expect((await payment.state()).lastError).toMatchObject({ code: 'cancelled' });
  });

  test('when the payment expires', async () => {
    const payment = await declinedPayment(1_500);
    await payment.waitFor('expired');
    expect(await firstAttempt(payment)).toMatchObject(asItWas);
  });
});

describe('nothing is called sent', () => {
  const uncalled = { lines: [planned], isSent: false };

  test('that an operator rejected', async () => {
    const payment = await stage.start({ isReviewed: true, until: 'review' });
    await payment.ask({ kind: 'review', decision: 'reject', reason: 'no' });
    expect(await told(payment)).toEqual(uncalled);
  });

  test('that nobody decided about', async () => {
    const rules = { reviewWithinMs: 500 };
    const payment = await stage.start({ isReviewed: true, until: 'review', rules });
    await payment.waitFor('rejected');
    expect(await told(payment)).toEqual(uncalled);
  });

  test('that was cancelled under review', async () => {
    const payment = await stage.start({ isReviewed: true, until: 'review' });
    await payment.ask(cancel);
    expect(await told(payment)).toEqual(uncalled);
  });

  test.each([false, true])(
    'whose channel was switched off before the call; reviewed: %s',
    async (isReviewed) => {
      stage.isSwitchedOff = true;
      const payment = await stage.start({ isReviewed, until: isReviewed ? 'review' : 'pending' });
      if (isReviewed) await payment.ask({ kind: 'review', decision: 'approve', reason: '' });
      await until('it waits', async () => (await payment.state()).lastError?.code === 'no_channel');
      await payment.ask(cancel);
      expect(await told(payment)).toEqual({
        lines: [planned, 'The attempt is unavailable: channel_switched_off.'],
        isSent: false,
      });
    },
  );

  test.each(['circuit_open', 'channel_busy', 'connection_refused'])('that %s kept here', async (code) => {
    const { onStart } = channel;
    channel.onStart = () => ({ kind: 'unavailable', error: { code, message: 'Not now.' } });
    const payment = await stage.start({ until: 'pending' });
    await until('it waits', async () => (await payment.state()).lastError?.code === 'no_channel');
    channel.onStart = onStart;
    expect(await told(payment)).toEqual({
      lines: [planned, `The attempt is unavailable: ${code}.`],
      isSent: false,
    });
  });
});

test('what was sent stays so when the breaker opens before its next try', async () => {
  const { onStart } = channel;
  const answers = [
    { code: 'channel_unavailable', message: 'Not now.', rawCode: 'HTTP 503' },
    { code: 'circuit_open', message: 'It rests.' },
  ];
  channel.retryPolicy = { triesMax: 2, firstDelayMs: 10, backoffFactor: 2, delayMsMax: 20 };
  channel.onStart = () => ({ kind: 'unavailable', error: answers.shift() ?? declined.error });
  const payment = await stage.start({ until: 'pending' });
  await until('it waits', async () => (await payment.state()).lastError?.code === 'no_channel');
  Object.assign(channel, { onStart, retryPolicy: undefined });
  expect(answers).toEqual([]);
  expect(await told(payment)).toEqual({
    lines: [
      'The charge was sent to scripted.',
      'The attempt is unavailable: channel_unavailable (HTTP 503).',
    ],
    isSent: true,
  });
});
