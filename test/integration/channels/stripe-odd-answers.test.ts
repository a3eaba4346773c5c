import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelCall, PaymentProvider } from '../../../integrations/channels/payment-provider';
import { createLog } from '../../../telemetry/log';
import { channelsOfProduct } from './product-channels';

/** Answers that Stripe itself does not give, but something that stands where Stripe is asked for. */
let answer: { status: number; body: string };
let server: http.Server;
let product: ReturnType<typeof channelsOfProduct>;
let stripe: PaymentProvider;
let call: ChannelCall;

beforeEach(async () => {
  server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  product = channelsOfProduct(createLog({ level: 'silent', process: 'test' }));
  stripe = product.registry.provider('stripe')!;
  call = {
    config: {
      ...{ id: 'chc_stripe', channel: 'stripe', mode: 'test' },
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' },
    },
    timeoutMs: 2_000,
    correlationId: 'payment/1',
  };
});
afterEach(async () => {
  await product.close();
  await new Promise((resolve) => server.close(resolve));
});

const charged = { chargeReference: 'pay_1-1', providerRef: 'pi_1', amount: 100n, currency: 'TWD' };

/** Every way to move money. */
const moves = {
  'a charge of a kept card': () =>
    stripe.startCharge(call, {
      ...{ reference: 'pay_1-1', amount: 100n, currency: 'TWD', description: 'Tea' },
      ...{ webhookUrl: 'https://pay.example/hook', expiresAt: new Date(), capture: 'automatic' },
      customer: { customerRef: 'cus_1', methodRef: 'pm_1' },
    }),
  'a capture': () => stripe.captureCharge!(call, { ...charged, reference: 'pay_1-1.c1', isFinal: true }),
  'a refund': () => stripe.refundCharge!(call, { ...charged, reference: 'ref_1', reason: 'returned' }),
};

describe.each(Object.entries(moves))('%s', (_name, move) => {
  it.each([
    [200, '"ok"'],
    [200, '5'],
    [200, 'true'],
    [200, 'null'],
    [200, '[]'],
    [408, '"timeout"'],
    [500, '"internal server error"'],
    [402, '{"error":5}'],
  ])('is in doubt after HTTP %s %s', async (status, body) => {
    answer = { status, body };
    expect(await move()).toMatchObject({ kind: 'unknown' });
  });
});
