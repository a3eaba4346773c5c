import { listAttempts } from '../../../db/read-models/payment-attempts';
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
  stage.isChannelGone = false;
});

const cancelled: ChargeStatus = { kind: 'cancelled' };
const declined: ChargeStatus = {
  kind: 'declined',
  error: { code: 'card_declined', message: 'Declined.', rawCode: '51' },
};
const money = (reference: string) => ({
  ...{ providerRef: numberOf(reference), amountMinor: '10000', currency: 'USD' },
});
const cancel = { kind: 'cancel', reason: '' } as const;
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The channel carries out our first call, and tells of it long before it answers the call. */
function newsComesFirst(payment: StagedPayment, answersAfterMs = 500, told = cancelled): void {
  channel.before = async (kind, reference) => {
    if (kind !== 'cancel') return;
    channel.before = () => undefined;
    channel.charges.set(reference, told);
    await payment.tell(1, told);
    await later(answersAfterMs);
  };
}

async function reserved(): Promise<StagedPayment> {
  const payment = await stage.start({ capture: 'manual' });
  const status = { kind: 'authorized', charge: money(payment.reference(1)) } as const;
  channel.charges.set(payment.reference(1), status);
  await payment.tell(1, status);
  await payment.waitFor('authorized');
  return payment;
}

async function declinedPayment(): Promise<StagedPayment> {
  const payment = await stage.start();
  channel.charges.set(payment.reference(1), declined);
  await payment.tell(1, declined);
  await until('it is declined', async () => (await payment.attempts())[0] === 'declined');
  return payment;
}

/** Each attempt with its error. */
async function attempts({ request }: StagedPayment): Promise<string[]> {
  const rows = await listAttempts(stage.database, request.paymentId, { limit: 10, after: 0 });
  return rows.map(({ status, error }) => (error === undefined ? status : `${status} ${error.code}`));
}

async function types({ request }: StagedPayment): Promise<string[]> {
  const { rows } = await stage.database.query<{ type: string }>(
    'select type from payment_events where payment_id = $1 order by version',
    [request.paymentId],
  );
  return rows.map(({ type }) => type.replace('payment.', ''));
}

const unsettled = async ({ request }: StagedPayment) => {
  const { rows } = await stage.database.query(
    `select 1 from webhook_inbox where payment_id = $1 and status = 'received'`,
    [request.paymentId],
  );
  return rows.length;
};

describe('news of our own cancellation that overtakes its answer is not the channel’s doing:', () => {
  test('the payment is cancelled by who asked, its last attempt or not', async () => {
    const payment = await stage.start({ rules: { attemptsMax: 1 } });
    newsComesFirst(payment);
    expect(await payment.ask(cancel)).toMatchObject({
      status: 'cancelled',
      lastError: { code: 'cancelled' },
    });
    await payment.handle.result();
    expect(await attempts(payment)).toEqual(['cancelled']);
    expect(await types(payment)).not.toContain('failed');
    expect(await unsettled(payment)).toBe(0);
  });

  test('so is a reservation', async () => {
    const payment = await reserved();
    newsComesFirst(payment);
    expect(await payment.ask(cancel)).toMatchObject({
      status: 'cancelled',
      lastError: { code: 'cancelled' },
    });
    await payment.handle.result();
    expect(await attempts(payment)).toEqual(['cancelled']);
  });

  test('the rest of a part that was captured is let go by who asked', async () => {
    const payment = await reserved();
    await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
    newsComesFirst(payment);
    expect(await payment.ask(cancel)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
    await payment.handle.result();
  });

  test('an attempt that another one follows is superseded', async () => {
    const payment = await stage.start();
    newsComesFirst(payment);
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 2 });
    await until('the news is settled', async () => (await unsettled(payment)) === 0);
    expect(await attempts(payment)).toEqual(['cancelled superseded', 'action_required']);
    expect(await types(payment)).not.toContain('attempt_failed');
  });

  test('a decline that another attempt follows stays one', async () => {
    const payment = await declinedPayment();
    newsComesFirst(payment);
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 2 });
    await until('the news is settled', async () => (await unsettled(payment)) === 0);
    expect(await attempts(payment)).toEqual(['declined card_declined', 'action_required']);
  });

  test('a decline stays one also where no other attempt could follow', async () => {
    const payment = await declinedPayment();
    newsComesFirst(payment);
    stage.isChannelGone = true;
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject({
      cause: { details: [{ error: { code: 'channel_not_available' } }] },
    });
    await until('the news is settled', async () => (await unsettled(payment)) === 0);
    expect(await attempts(payment)).toEqual(['declined card_declined']);
  });

  test('a channel that calls the charge paid with that part has let the rest go', async () => {
    const payment = await reserved();
    await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
    const part = {
      kind: 'succeeded',
      charge: { ...money(payment.reference(1)), amountMinor: '4000' },
    } as const;
    newsComesFirst(payment, 500, part);
    expect(await payment.ask(cancel)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['payment 4000']);
    expect(await unsettled(payment)).toBe(0);
  });

  test('a payment at its time expires, and that alone is told', async () => {
    const payment = await stage.start({ expiresInMs: 1_500 });
    newsComesFirst(payment);
    expect(await payment.waitFor('expired')).toMatchObject({ lastError: { code: 'expired' } });
    await payment.handle.result();
    expect(await attempts(payment)).toEqual(['expired']);
    expect(await types(payment)).toEqual(['created', 'requires_action', 'expired']);
    expect(await unsettled(payment)).toBe(0);
  });

  test('a reservation at its deadline expires', async () => {
    const payment = await stage.start({ capture: 'manual', rules: { captureWithinMs: 700 } });
    newsComesFirst(payment);
    const status = { kind: 'authorized', charge: money(payment.reference(1)) } as const;
    channel.charges.set(payment.reference(1), status);
    await payment.tell(1, status);
    expect(await payment.waitFor('expired')).toMatchObject({ lastError: { code: 'capture_expired' } });
    expect(await attempts(payment)).toEqual(['expired']);
  });
});

test('what is paid meanwhile is heard at once all the same', async () => {
  const payment = await stage.start();
  await payment.ask({ kind: 'attempt' });
  channel.before = async (kind) => {
    if (kind !== 'cancel') return;
    channel.before = () => undefined;
    await payment.tell(2, cancelled);
    await payment.tell(1, { kind: 'succeeded', charge: money(payment.reference(1)) });
    await later(500);
  };
  await expect(payment.ask(cancel)).rejects.toMatchObject({ cause: { type: 'CommandRefused' } });
  await payment.waitFor('succeeded');
});

describe('no attempt begins when the payment’s time is over', () => {
  const closed = { cause: { type: 'CommandRefused', details: [{ code: 'payment_closed' }] } };

  test('while it expires', async () => {
    const payment = await stage.start({ expiresInMs: 1_500 });
    newsComesFirst(payment, 900);
    await until('its charge is being closed', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject(closed);
    expect(await payment.waitFor('expired')).toMatchObject({ attemptNo: 1 });
    expect(await attempts(payment)).toEqual(['expired']);
  });

  test('nor where its time ends while the charge before it is being closed', async () => {
    const payment = await stage.start({ expiresInMs: 1_500 });
    await later(Date.parse(payment.request.expiresAt) - Date.now() - 300);
    newsComesFirst(payment);
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject(closed);
    expect(await payment.waitFor('expired')).toMatchObject({ attemptNo: 1 });
    expect(await attempts(payment)).toEqual(['expired']);
    expect(await types(payment)).toEqual(['created', 'requires_action', 'expired']);
  });

  test('nor by a request that comes before the timer was heard', async () => {
    const payment = await stage.start({ expiresInMs: 1_500 });
    let asked: Promise<unknown> = Promise.resolve();
    // News interrupts the closing, and after it the command is next in line.
    channel.before = async (kind) => {
      if (kind !== 'cancel') return;
      channel.before = () => undefined;
      asked = payment.ask({ kind: 'attempt' });
      asked.catch(() => undefined);
      await later(300);
      await payment.tell(1, { kind: 'open' });
      await later(900);
    };
    await until('its charge is being closed', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    await payment.waitFor('expired');
    await expect(asked).rejects.toMatchObject(closed);
    expect(await attempts(payment)).toEqual(['expired']);
  });
});
