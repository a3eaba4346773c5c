import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CaptureRequest } from '../../../integrations/channels/payment-provider';
import { startStripeHarness, type StripeHarness } from './stripe-harness';

/** What is between us and Stripe: it may forget an idempotency key on the way, or give the answer away. */
interface Way {
  key?: string;
  status?: number;
  body?: string;
}

let harness: StripeHarness;
let way: Way;
let between: http.Server;
beforeEach(async () => {
  harness = await startStripeHarness();
  way = {};
  between = http.createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await harness.close();
  between.closeAllConnections();
  await new Promise((resolve) => between.close(resolve));
});

async function pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const isCapture = request.url?.endsWith('/capture') === true;
  const answer = await fetch(`${harness.sandbox.url}${request.url}`, {
    method: request.method,
    headers: {
      authorization: String(request.headers.authorization),
      'idempotency-key': (isCapture ? way.key : undefined) ?? String(request.headers['idempotency-key']),
    },
    ...(request.method === 'GET' ? {} : { body: Buffer.concat(parts) }),
  });
  const body = await answer.text();
  const instead = isCapture ? way : {};
  response.writeHead(instead.status ?? answer.status, { 'content-type': 'application/json' });
  response.end(instead.body ?? body);
}

const serverError = { status: 500, body: '{"error":{"type":"api_error","message":"sorry"}}' };
const refused = { kind: 'declined', error: { code: 'not_capturable' } };
const taken = (amount: string) => ({ kind: 'succeeded', captured: { amountMinor: amount } });

const call = () => ({
  config: {
    ...harness.config,
    baseUrl: `http://127.0.0.1:${(between.address() as AddressInfo).port}`,
  },
  timeoutMs: 2_000,
  correlationId: 'payment/1',
});
const capture = (request: CaptureRequest) => harness.provider.captureCharge!(call(), request);

async function reserved(): Promise<CaptureRequest> {
  const outcome = await harness.provider.startCharge(call(), {
    ...{ reference: 'pay_1-1', amount: 100n, currency: 'TWD', description: 'Tea' },
    ...{ webhookUrl: harness.webhookUrl, expiresAt: new Date(Date.now() + 60_000), capture: 'manual' },
  });
  if (outcome.kind !== 'action') throw new Error(outcome.kind);
  await harness.pay(outcome.nextAction);
  return {
    ...{ chargeReference: 'pay_1-1', providerRef: outcome.providerRef, reference: 'pay_1-1.c1' },
    ...{ amount: 40n, currency: 'TWD', isFinal: true },
  };
}

it('a capture of a part that Stripe made, and answers with a 500 for ever, is found made', async () => {
  const request = await reserved();
  way = serverError;
  expect(await capture(request)).toMatchObject(taken('40'));
  expect(await capture(request)).toMatchObject(taken('40'));
  expect(harness.captured('pay_1-1', 'pay_1-1.c1')).toEqual({ amount: 40n, effects: 1 });
});

it('a capture that was not made, and is answered with a 500, stays in doubt', async () => {
  const request = await reserved();
  harness.sandbox.addFault({ kind: 'error_before', operation: 'capture', count: 1 });
  expect(await capture(request)).toMatchObject({ kind: 'unknown' });
  expect(await capture(request)).toMatchObject(taken('40'));
});

it('a capture whose key Stripe has forgotten is still this capture', async () => {
  const request = await reserved();
  await capture(request);
  way = { key: 'the same key, a day later' };
  expect(await capture(request)).toMatchObject(taken('40'));
  expect(harness.charges('pay_1-1')).toBe(1);
});

it('another capture of the same amount is not taken for the one that was made', async () => {
  const request = await reserved();
  await capture(request);
  const another = { ...request, reference: 'pay_1-1.c2' };
  expect(await capture(another)).toMatchObject(refused);
  way = serverError;
  expect(await capture(another)).toMatchObject({ kind: 'unknown' });
});

it('what was captured by hand counts as the capture that asks for just that, and as no other', async () => {
  const request = await reserved();
  const answer = await fetch(`${harness.sandbox.url}/v1/payment_intents/${request.providerRef}/capture`, {
    method: 'POST',
    headers: { authorization: `Bearer ${harness.sandbox.account.secretKey}` },
    body: new URLSearchParams({ amount_to_capture: '4000' }),
  });
  expect(answer.status).toBe(200);
  expect(await capture({ ...request, amount: 60n })).toMatchObject(refused);
  expect(await capture(request)).toMatchObject(taken('40'));
});

it('a refused capture that could not be looked into is in doubt', async () => {
  const request = await reserved();
  await capture(request);
  way = { key: 'the same key, a day later' };
  harness.sandbox.addFault({ kind: 'error_before', operation: 'query', count: 1 });
  expect(await capture(request)).toMatchObject({ kind: 'unknown' });
});
