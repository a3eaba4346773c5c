import type { ChargeOutcome } from '../../../domain/payment/outcome';
import { startPaymentStage, type PaymentStage } from '../../support/payment-stage';
import { scriptedChannel, type ScriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

let stage: PaymentStage | undefined;
afterEach(async () => {
  await stage?.stop();
  stage = undefined;
});

const policy = { triesMax: 3, firstDelayMs: 10, backoffFactor: 2, delayMsMax: 20 };

/** A channel that answers its first starts with these codes, and the later ones as usual; `lost` is in doubt. */
function channelThat(answers: string[], retryPolicy?: ScriptedChannel['retryPolicy']) {
  const channel = scriptedChannel();
  channel.retryPolicy = retryPolicy;
  const left = [...answers];
  const usual = channel.onStart;
  channel.onStart = (request): ChargeOutcome => {
    const code = left.shift();
    if (code === undefined) return usual(request);
    const error = { code, message: 'Not now.' };
    return { kind: code === 'lost' ? 'unknown' : 'unavailable', error };
  };
  return channel;
}

const starts = (channel: ScriptedChannel) => channel.calls.filter((call) => call.startsWith('start '));

test('what certainly was not begun is tried again, under the same reference, and is one attempt', async () => {
  const channel = channelThat(['connection_refused', 'rate_limited'], policy);
  stage = await startPaymentStage(channel);
  const payment = await stage.start();
  expect(starts(channel)).toEqual(Array(3).fill(`start ${payment.reference(1)}`));
  expect(await payment.attempts()).toEqual(['action_required']);
  expect(await payment.states()).toEqual(['pending', 'requires_action']);
});

test('as often as the provider’s policy says, then the next channel is asked', async () => {
  const first = channelThat(Array<string>(9).fill('channel_unavailable'), { ...policy, triesMax: 4 });
  const second = scriptedChannel();
  stage = await startPaymentStage(first, {}, second);
  const payment = await stage.start();
  expect(starts(first)).toHaveLength(4);
  expect(starts(second)).toEqual([`start ${payment.reference(2)}`]);
  expect(await payment.attempts()).toEqual(['unavailable', 'action_required']);
});

test('without a policy the next channel is quicker; the last one is tried three times, then the payment waits', async () => {
  const first = channelThat(['channel_unavailable']);
  const last = channelThat(Array<string>(9).fill('channel_unavailable'));
  // Time enough for the usual pauses, and within what a local activity may take.
  stage = await startPaymentStage(first, { channelFastTimeoutMs: 3_000 }, last);
  const payment = await stage.start({ until: 'pending' });
  const { code } = await until('it waits', async () => (await payment.state()).lastError);
  expect(code).toBe('no_channel');
  expect([starts(first).length, starts(last).length]).toEqual([1, 3]);
  expect(await payment.attempts()).toEqual(['unavailable', 'unavailable']);
});

test('an answer in doubt ends the tries: the channel is asked, and nothing is sent again', async () => {
  const channel = channelThat(['connection_refused', 'lost'], policy);
  channel.capabilities.idempotentCreate = false;
  // The one in doubt has charged all the same.
  channel.before = (kind, reference) => {
    if (kind !== 'query') return;
    const charge = { providerRef: 'n_1', amountMinor: '10000', currency: 'USD' };
    channel.charges.set(reference, { kind: 'succeeded', charge });
  };
  stage = await startPaymentStage(channel);
  const payment = await stage.start({ until: 'succeeded' });
  expect(starts(channel)).toHaveLength(2);
  expect(channel.calls).toContain(`query ${payment.reference(1)}`);
  expect(await payment.charges()).toEqual(['payment 10000']);
});

test.each(['request_rejected', 'circuit_open', 'channel_busy', 'channel_misconfigured'])(
  '%s would be no other the next moment: it is not tried again',
  async (code) => {
    const first = channelThat([code], policy);
    stage = await startPaymentStage(first, {}, scriptedChannel());
    const payment = await stage.start();
    expect(starts(first)).toHaveLength(1);
    expect(await payment.attempts()).toEqual(['unavailable', 'action_required']);
  },
);

test('a try that would be cut short, and so leave a doubt, is not begun', async () => {
  const slow = { ...policy, firstDelayMs: 400, delayMsMax: 400 };
  const first = channelThat(['connection_refused'], slow);
  stage = await startPaymentStage(first, { channelFastTimeoutMs: 500 }, scriptedChannel());
  const payment = await stage.start();
  expect(starts(first)).toHaveLength(1);
  expect(await payment.attempts()).toEqual(['unavailable', 'action_required']);
});
