import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { ChannelConfig } from '../../integrations/channels/payment-provider';
import { createLog } from '../../telemetry/log';
import { channelsOfProduct } from '../integration/channels/product-channels';

/**
 * stripe-mock checks requests against Stripe's OpenAPI description and answers with fixtures that know nothing of
 * our references. So what we send is proven to be Stripe's, and what we make of a stranger's answer.
 */
describe('what the adapter sends is true to Stripe’s OpenAPI', () => {
  const product = channelsOfProduct(createLog({ level: 'silent', process: 'test' }));
  const stripe = product.registry.provider('stripe')!;
  let mock: ChildProcess;
  let config: ChannelConfig;

  beforeAll(async () => {
    const port = await freePort();
    mock = spawn(stripeMock(), ['-http-port', String(port)], { stdio: 'ignore' });
    const baseUrl = `http://127.0.0.1:${port}`;
    const credentials = { secretKey: 'sk_test_123', webhookSecret: 'whsec_1' };
    config = { id: 'chc_mock', channel: 'stripe', mode: 'test', baseUrl, credentials };
    await listening(baseUrl);
  }, 300_000);

  afterAll(async () => {
    mock.kill();
    await product.close();
  });

  const call = () => ({ config, timeoutMs: 5_000, correlationId: 'external' });
  const stranger = { kind: 'unknown', error: { code: 'reference_mismatch' } };
  const known = { reference: 'pay_1-1', providerRef: 'pi_123', currency: 'USD' };
  const money = { chargeReference: 'pay_1-1', providerRef: 'pi_123', amount: 100n, currency: 'USD' };

  it.each(['automatic', 'manual'] as const)('a creation with %s capture', async (capture) => {
    const outcome = await stripe.startCharge(call(), {
      reference: 'pay_1-1',
      amount: 2_000n,
      currency: 'USD',
      description: 'Tea',
      webhookUrl: 'https://pay.example.com/hook',
      expiresAt: new Date(Date.now() + 60_000),
      capture,
    });
    expect(outcome).toMatchObject(stranger);
  });

  it('a query, a cancellation, a capture and a refund', async () => {
    expect(await stripe.queryCharge(call(), known)).toMatchObject(stranger);
    expect(await stripe.cancelCharge(call(), known)).toMatchObject(stranger);
    const capture = { ...money, reference: 'c-1', isFinal: true };
    expect(await stripe.captureCharge!(call(), capture)).toMatchObject(stranger);
    const refund = { ...money, reference: 'ref_1', reason: '' };
    expect(await stripe.refundCharge!(call(), refund)).toMatchObject(stranger);
  });

  it('a charge of a kept card, and one whose card is to be kept', async () => {
    for (const customer of [{ customerRef: 'cus_123', methodRef: 'pm_123' }, { customerRef: 'cus_123' }]) {
      const outcome = await stripe.startCharge(call(), {
        ...{ reference: 'pay_1-1', amount: 2_000n, currency: 'USD', description: 'Tea', customer },
        webhookUrl: 'https://pay.example.com/hook',
        expiresAt: new Date(Date.now() + 60_000),
        capture: 'automatic',
      });
      expect(outcome).toMatchObject(stranger);
    }
  });

  it('customers and their methods', async () => {
    const vault = stripe.vault!;
    const profile = { name: 'Ms Lin', email: 'lin@example.com', phone: '+886 2 1234 5678' };
    const made = await vault.createCustomer(call(), { reference: 'cus_1', ...profile });
    expect(made).toMatchObject({
      kind: 'ok',
      value: { customerRef: expect.stringMatching(/^cus_/) as string },
    });
    expect(await vault.readCustomer(call(), 'cus_123')).toMatchObject({ kind: 'ok' });
    expect(await vault.listMethods(call(), 'cus_123')).toMatchObject({ kind: 'ok' });
    expect(await vault.detachMethod(call(), 'pm_123')).toMatchObject({ kind: 'ok' });
  });

  it('the balance of a time', async () => {
    const page = await stripe.listMovements!(call(), {
      from: new Date(0),
      to: new Date(),
      after: 'txn_123',
      limit: 10,
    });
    expect(page.kind).toBe('rows');
  });

  it('evidence, with a file', async () => {
    const outcome = await stripe.submitEvidence!(call(), {
      chargeReference: 'pay_1-1',
      disputeRef: 'dp_123',
      reference: 'evd_1',
      text: 'It was signed for.',
      documents: [{ name: 'a.pdf', contentType: 'application/pdf', contentBase64: 'JVBERi0xLjcKMQ==' }],
    });
    expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'answer_unreadable' } });
  });

  it('the search, and both lists', async () => {
    const query = { reference: 'pay_1-1', currency: 'USD' };
    expect(await stripe.queryCharge(call(), query)).toEqual({ kind: 'not_found' });
    const refund = {
      ...query,
      reference: 'ref_1',
      chargeReference: 'pay_1-1',
      providerRef: 'pi_123',
      amount: 100n,
    };
    expect(await stripe.queryRefund!(call(), refund)).toEqual({ kind: 'not_found' });
  });
});

const version = 'v0.203.0';

/** Built once and kept; needs Go. */
function stripeMock(): string {
  const folder = path.join(os.homedir(), '.cache', 'durapay', `stripe-mock-${version}`);
  const env = { ...process.env, GOBIN: folder };
  execFileSync('go', ['install', `github.com/stripe/stripe-mock@${version}`], { env, stdio: 'inherit' });
  return path.join(folder, 'stripe-mock');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(baseUrl: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await fetch(baseUrl).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('stripe-mock did not start');
}
