import { startPaymentStage, type PaymentStage } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';

const channel = scriptedChannel();
const methods = new Map<string, string | undefined>();
let stage: PaymentStage;
beforeAll(async () => {
  const { onStart } = channel;
  channel.onStart = (request) => {
    methods.set(request.reference, request.method);
    return onStart(request);
  };
  stage = await startPaymentStage(channel);
}, 60_000);
afterAll(() => stage?.stop());

test('another attempt goes the way that was asked for, and the next one the payment’s own again', async () => {
  const payment = await stage.start({ method: 'card' });
  await payment.ask({ kind: 'attempt', method: 'wallet' });
  await payment.ask({ kind: 'attempt' });
  expect([1, 2, 3].map((no) => methods.get(payment.reference(no)))).toEqual(['card', 'wallet', 'card']);
  expect(await payment.attempts()).toEqual(['cancelled', 'cancelled', 'action_required']);
});

describe('an attempt that no channel can take', () => {
  afterEach(() => (stage.isChannelGone = false));
  const refused = { cause: { details: [{ error: { code: 'channel_not_available' } }] } };

  test('leaves the customer’s checkout open', async () => {
    const payment = await stage.start();
    const before = await payment.state();
    await expect(payment.ask({ kind: 'attempt', method: 'crypto' })).rejects.toMatchObject(refused);
    expect(channel.calls).not.toContain(`cancel ${payment.reference(1)}`);
    expect(await payment.state()).toEqual(before);
    await expect(payment.ask({ kind: 'attempt' })).resolves.toMatchObject({ attemptNo: 2 });
  });

  test('any more, when the charge before it was closed, shows nobody a dead link', async () => {
    const payment = await stage.start();
    stage.isChannelGone = true;
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject(refused);
    const now = await payment.state();
    expect(now).toMatchObject({
      status: 'requires_action',
      attemptNo: 1,
      lastError: { code: 'channel_not_available' },
    });
    expect(now.nextAction).toBeUndefined();
    expect(await payment.attempts()).toEqual(['cancelled']);
    stage.isChannelGone = false;
    await expect(payment.ask({ kind: 'attempt' })).resolves.toMatchObject({ attemptNo: 2 });
  });
});
