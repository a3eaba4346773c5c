import { defaultPayloadConverter } from '@temporalio/common';
import { usualRules } from '../../../domain/payment/plan';
import type { OpenedPayment } from '../../../activities/payment/contracts';
import { createPayloadCodec } from '../../../security/payload-codec';
import { waitingFor } from '../../../workflows/support/waiting';
import { startPaymentStage, type PaymentStage } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

/** What Temporal takes; a longer one would fail the workflow's task, again and again. */
const summaryBytesMax = 400;

const at = (minute: number) => `2026-03-01T10:${minute}:00.000Z`;

function waiting({
  status = 'requires_action',
  attemptStatus = 'action_required',
  wakeAt = at(20),
  rules = {},
  lastError = undefined as { code: string; message: string } | undefined,
}): string {
  return waitingFor({
    state: { status, lastError },
    request: { expiresAt: at(30) },
    attempt: { status: attemptStatus, channel: 'kpay' },
    rules: { ...usualRules, ...rules },
    wakeAt,
  } as OpenedPayment);
}

const noChannel = { status: 'pending', lastError: { code: 'no_channel', message: '' } };

test.each([
  [
    {},
    'Waits for the customer until 2026-03-01 10:30:00 UTC, then expires; asks kpay at 2026-03-01 10:20:00 UTC',
  ],
  [{ wakeAt: at(30) }, 'Waits for the customer until 2026-03-01 10:30:00 UTC, then expires'],
  [{ attemptStatus: 'declined' }, 'Waits for another attempt until 2026-03-01 10:30:00 UTC, then expires'],
  [{ status: 'review' }, "Waits for an operator's decision until 2026-03-01 10:20:00 UTC, then is rejected"],
  [{ status: 'review', rules: { reviewAtDeadline: 'approve' } }, /then is approved$/],
  [{ status: 'authorized' }, 'Waits for a capture until 2026-03-01 10:20:00 UTC, then releases the rest'],
  [{ status: 'authorized', rules: { captureAtDeadline: 'capture' } }, /then captures the rest$/],
  [noChannel, 'Waits for a channel, or for an operator, until 2026-03-01 10:30:00 UTC, then expires'],
  [{ status: 'processing' }, /^Waits for kpay, which works on it; asks at /],
  [{ status: 'unknown' }, /^Waits for kpay until .*; asks kpay at /],
])('a payment with %j says what it waits for, in what Temporal takes', async (payment, said) => {
  const summary = waiting(payment);
  if (typeof said === 'string') expect(summary).toBe(said);
  else expect(summary).toMatch(said);
  const codec = createPayloadCodec([{ id: 'k'.repeat(16), key: Buffer.alloc(32, 1) }]);
  const [sealed] = await codec.encode([defaultPayloadConverter.toPayload(summary)]);
  expect(sealed?.data?.length).toBeLessThan(summaryBytesMax - 50);
});

describe('in Temporal', () => {
  let stage: PaymentStage;
  beforeAll(async () => {
    stage = await startPaymentStage(scriptedChannel());
  });
  afterAll(() => stage?.stop());

  test('the timer of an open payment says it, and no event is there for it alone', async () => {
    const payment = await stage.start();
    const events = await until('the payment waits', async () => {
      const { events = [] } = await payment.handle.fetchHistory();
      return events?.some(({ timerStartedEventAttributes }) => timerStartedEventAttributes) && events;
    });
    const timer = events.find(({ timerStartedEventAttributes }) => timerStartedEventAttributes);
    const summary = timer?.userMetadata?.summary;
    expect(summary && defaultPayloadConverter.fromPayload(summary)).toMatch(
      /^Waits for the customer until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, then expires/,
    );
    await payment.ask({ kind: 'cancel', reason: 'seen' });
    await payment.handle.result();
  });
});
