import { loadPaymentById } from '../../../db/stores/payments-store';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';

const channel = scriptedChannel();
const toldExpiries = new Map<string, number>();
let stage: PaymentStage;
beforeAll(async () => {
  const { onStart } = channel;
  channel.onStart = (request) => {
    toldExpiries.set(request.reference, request.expiresAt.getTime() - Date.now());
    return onStart(request);
  };
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());

const lifeMs = 6_000;
const reviewed = (reviewAtDeadline: 'approve' | 'reject') =>
  stage.start({ isReviewed: true, until: 'review', expiresInMs: lifeMs, rules: { reviewAtDeadline } });

async function expiresAt({ request }: StagedPayment): Promise<number> {
  const stored = await loadPaymentById(stage.database, request.paymentId);
  return Date.parse(stored?.request.expiresAt ?? '');
}

/** The channel was told of a time to pay, and the payment keeps it. */
async function paysInTime(payment: StagedPayment): Promise<void> {
  expect(toldExpiries.get(payment.reference(1))).toBeGreaterThan(lifeMs / 2);
  const openUntil = await expiresAt(payment);
  expect(openUntil).toBeGreaterThan(Date.parse(payment.request.expiresAt) + 500);
  const { updatedAt } = await payment.waitFor('expired');
  expect(Date.parse(updatedAt)).toBeGreaterThanOrEqual(openUntil);
}

test('approved at its deadline, which is its expiry, leaves the customer all of the time to pay', async () => {
  const payment = await reviewed('approve');
  await payment.waitFor('requires_action');
  await paysInTime(payment);
  expect(await payment.states()).toEqual(['review', 'pending', 'requires_action', 'expired']);
});

test('approved by an operator in the last moment, it does as well', async () => {
  const payment = await reviewed('reject');
  const leftMs = Date.parse(payment.request.expiresAt) - Date.now();
  await new Promise((resolve) => setTimeout(resolve, leftMs - 2_000));
  await payment.ask({ kind: 'review', decision: 'approve', reason: 'a known customer' });
  await paysInTime(payment);
});

test('rejected at its deadline it ends when it would have expired', async () => {
  const payment = await reviewed('reject');
  const { lastError } = await payment.waitFor('rejected');
  expect(lastError).toMatchObject({ code: 'review_expired' });
  expect(await expiresAt(payment)).toBe(Date.parse(payment.request.expiresAt));
});
