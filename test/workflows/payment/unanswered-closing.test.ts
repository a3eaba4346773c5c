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
const cancel = { kind: 'cancel', reason: '' } as const;

const held = (payment: StagedPayment): ChargeStatus => ({
  kind: 'authorized',
  charge: { providerRef: numberOf(payment.reference(1)), amountMinor: '10000', currency: 'USD' },
});

/** The channel carries out our call, or not, and tells something of it; an answer never comes. */
function answersAreLost(payment: StagedPayment, is: ChargeStatus, told: ChargeStatus): void {
  let isFirst = true;
  channel.before = async (kind, reference) => {
    if (kind !== 'cancel' || reference !== payment.reference(1)) return;
    if (isFirst) {
      isFirst = false;
      channel.charges.set(reference, is);
      await payment.tell(1, told);
    }
    throw new Error('lost');
  };
}

async function types({ request }: StagedPayment): Promise<string[]> {
  const { rows } = await stage.database.query<{ type: string }>(
    'select type from payment_events where payment_id = $1 order by version',
    [request.paymentId],
  );
  return rows.map(({ type }) => type.replace('payment.', ''));
}

const nothingUnsettled = (payment: StagedPayment) =>
  until('the news is settled', async () => {
    const { rows } = await stage.database.query(
      `select 1 from webhook_inbox where payment_id = $1 and status = 'received'`,
      [payment.request.paymentId],
    );
    return rows.length === 0;
  });

/** What the answer is waited for, and a slow machine's time. */
jest.setTimeout(15_000);

describe('that it is cancelled is told and not answered:', () => {
  test('the payment is cancelled by who asked, its last attempt or not', async () => {
    const payment = await stage.start({ rules: { attemptsMax: 1 } });
    answersAreLost(payment, cancelled, cancelled);
    expect(await payment.ask(cancel)).toMatchObject({
      status: 'cancelled',
      lastError: { code: 'cancelled' },
    });
    await payment.handle.result();
    expect(await payment.attempts()).toEqual(['cancelled']);
    await nothingUnsettled(payment);
  });

  test('another attempt follows', async () => {
    const payment = await stage.start();
    answersAreLost(payment, cancelled, cancelled);
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 2 });
    expect(await payment.attempts()).toEqual(['cancelled', 'action_required']);
    await nothingUnsettled(payment);
    expect(await types(payment)).not.toContain('attempt_failed');
  });

  test('a payment at its time expires, and that alone is told', async () => {
    const payment = await stage.start({ expiresInMs: 1_500 });
    answersAreLost(payment, cancelled, cancelled);
    expect(await payment.waitFor('expired')).toMatchObject({ lastError: { code: 'expired' } });
    await payment.handle.result();
    expect(await types(payment)).toEqual(['created', 'requires_action', 'expired']);
    await nothingUnsettled(payment);
  });

  test('the rest of a part that was captured is let go', async () => {
    const payment = await stage.start({ capture: 'manual' });
    channel.charges.set(payment.reference(1), held(payment));
    await payment.tell(1, held(payment));
    await payment.waitFor('authorized');
    await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
    const { providerRef } = (held(payment) as { charge: { providerRef: string } }).charge;
    const part = {
      kind: 'succeeded',
      charge: { providerRef, amountMinor: '4000', currency: 'USD' },
    } as const;
    answersAreLost(payment, part, part);
    expect(await payment.ask(cancel)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
    await payment.handle.result();
    expect(await payment.charges()).toEqual(['payment 4000']);
    await nothingUnsettled(payment);
  });
});

describe('that it is reserved is told, and no answer comes:', () => {
  test('the channel says that it is cancelled by now', async () => {
    const payment = await stage.start({ capture: 'manual' });
    answersAreLost(payment, cancelled, held(payment));
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 2 });
    await nothingUnsettled(payment);
    expect(await payment.states()).not.toContain('authorized');
    expect(await types(payment)).not.toContain('attempt_failed');
  });

  test('the channel says that it is reserved, and so it is', async () => {
    const payment = await stage.start({ capture: 'manual' });
    answersAreLost(payment, held(payment), held(payment));
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject({
      cause: { details: [{ code: 'not_retryable' }] },
    });
    expect(await payment.state()).toMatchObject({ status: 'authorized', attemptNo: 1 });
  });
});
