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
