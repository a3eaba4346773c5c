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
    [402, '{"error":[]}'],
    [400, '{"error":{"type":"bad_request","message":"upstream"}}'],
    [400, '{"error":"bad request"}'],
    [401, '{"error":"unauthorized"}'],
    [402, '{"error":{"message":"pay for the gateway"}}'],
    [403, '{"error":{"type":"forbidden"}}'],
    [404, '{"error":{"type":"no_route","code":"resource_missing"}}'],
    [408, '{"error":{"type":"timeout","message":"upstream request timeout"}}'],
    [408, '{"error":{"type":"invalid_request_error"}}'],
    [409, '{"error":{"type":"invalid_request_error"}}'],
    [409, '{"error":{"type":"idempotency_error"}}'],
    [409, '{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use"}}'],
    [424, '{"error":{"type":"api_error"}}'],
    [425, '{"error":{"type":"too_early"}}'],
    [429, '{"error":{"type":"overloaded"}}'],
    [499, '{"error":{"type":"client_closed_request"}}'],
  ])('is in doubt after HTTP %s %s', async (status, body) => {
    answer = { status, body };
    expect(await move()).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    [401, 'invalid_request_error', 'channel_misconfigured'],
    [403, 'invalid_request_error', 'channel_misconfigured'],
    [429, 'invalid_request_error', 'rate_limited'],
    [429, 'rate_limit_error', 'rate_limited'],
  ])('was certainly not begun after Stripe’s own %s %s', async (status, type, code) => {
    answer = { status, body: JSON.stringify({ error: { type } }) };
    expect(await move()).toMatchObject({ kind: 'unavailable', error: { code } });
  });

  it.each([
    [400, 'parameter_invalid_integer'],
    [404, 'resource_missing'],
  ])('is certainly refused by Stripe’s own %s %s', async (status, code) => {
    answer = { status, body: JSON.stringify({ error: { type: 'invalid_request_error', code } }) };
    const { kind } = await move();
    expect(['declined', 'unavailable']).toContain(kind);
  });
});
