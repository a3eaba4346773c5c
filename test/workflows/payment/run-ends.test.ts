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

const paid = (providerRef: string): ChargeStatus => ({
  kind: 'succeeded',
  charge: { providerRef, amountMinor: '10000', currency: 'USD' },
});

/** Keeps the channel's answers of one kind back until it is called. */
function holdBack(held: 'capture' | 'cancel'): () => void {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  channel.before = (kind) => (kind === held ? gate : undefined);
  return letGo;
}

test('news that waits while the payment ends is late news at once, and not first when a sweep finds it', async () => {
  const payment = await stage.start({ capture: 'manual' });
  const reference = payment.reference(1);
  const charge = { providerRef: numberOf(reference), amountMinor: '10000', currency: 'USD' };
  await payment.tell(1, { kind: 'authorized', charge });
  await payment.waitFor('authorized');
  const letGo = holdBack('capture');
  const captured = payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
  await until('it is captured there', () => channel.captures.has(`${reference}.c1`));
  await payment.tell(1, paid(numberOf(reference)));
  const second = await payment.tell(1, paid('other money'));
  letGo();
  await captured;
  await payment.handle.result();
  expect(await payment.inbox(second)).toBe('applied');
  expect(await payment.charges()).toEqual(['payment 4000', 'payment 6000', 'suspense 10000']);
});

describe('a run that finds its payment changed by a stranger’s hand', () => {
  const inDoubt = {
    cause: { type: 'CommandRefused', details: [{ code: 'payment_in_doubt' }] },
  };

  async function diverged(payment: StagedPayment): Promise<void> {
    await stage.database.query('update payments set version = version + 1 where id = $1', [
      payment.request.paymentId,
    ]);
  }

  test('ends, and leaves nobody who asked something without an answer', async () => {
    const payment = await stage.start();
    const letGo = holdBack('cancel');
    const first = payment.ask({ kind: 'cancel', reason: '' });
    await until('it was asked', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    const second = payment.ask({ kind: 'attempt' });
    const answers = Promise.allSettled([first, second]);
    await diverged(payment);
    letGo();
    await expect(payment.handle.result()).rejects.toMatchObject({
      cause: { cause: { type: 'Diverged' } },
    });
    expect(await answers).toMatchObject([{ reason: inDoubt }, { reason: inDoubt }]);
  });
});
