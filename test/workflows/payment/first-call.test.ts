import { setTimeout as sleep } from 'node:timers/promises';
import { startPaymentStage, type PaymentStage } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';

const channel = scriptedChannel();
let stage: PaymentStage | undefined;
afterEach(async () => {
  channel.before = () => undefined;
  channel.capabilities.idempotentCreate = true;
  await stage?.stop();
  stage = undefined;
});

test('a first call that outlives its step is waited for, where it may not be repeated', async () => {
  stage = await startPaymentStage(channel, { channelFastTimeoutMs: 3_600 });
  channel.capabilities.idempotentCreate = false;
  // Longer than a local activity may take: the same step begins again while the first one is still at it.
  channel.before = () => sleep(3_700);
  const payment = await stage.start();
  expect(channel.calls.filter((call) => call === `start ${payment.reference(1)}`)).toHaveLength(1);
  expect(await payment.states()).toEqual(['pending', 'requires_action']);
});

test('a repeated call has what is left of the time in which one may arrive, and no more', async () => {
  stage = await startPaymentStage(channel, { channelFastTimeoutMs: 500, channelTimeoutMs: 5_000 });
  let calls = 0;
  channel.before = async () => {
    calls += 1;
    if (calls > 1) return;
    await sleep(3_200);
    throw new Error('lost');
  };
  const payment = await stage.start();
  const [first = 0, second = Infinity] = channel.startTimeoutsMs.get(payment.reference(1)) ?? [];
  expect(first).toBe(500);
  // Of 5.5 s in all 3.2 s have passed: less than the usual 5 s is left.
  expect(second).toBeLessThanOrEqual(2_300);
  expect(await payment.states()).toEqual(['pending', 'requires_action']);
});
