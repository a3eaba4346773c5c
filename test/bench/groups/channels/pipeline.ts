import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { Agent, request } from 'undici';
import { loadSettings } from '../../../../config/settings';
import { createStripe } from '../../../../integrations/channels/stripe';
import { classifyJson } from '../../../../integrations/http-classification';
import { createLog } from '../../../../telemetry/log';
import { createMetrics } from '../../../../telemetry/metrics';
import { createOutgoing, type Outgoing } from '../../../../workers/outgoing';
import type { BenchContext, Measurement } from '../../metric';
import { interleave, median, medianOf, medianRatio, quantile, type Arm } from '../../pairing';
import { startProcess } from '../../processes';
import { startBookServer } from '../ledger/books';
import type { Part } from './part';

const rounds = 7;
const warmUpCalls = 100;
const calls = 2_000;
/** So long the log of an arm's calls may be written in what is no arm's time. */
const settleMs = 400;
const secretKey = 'sk_test_bench_0123456789abcdef';
const plain = randomUUID();
const limited = randomUUID();
const stripeAccount = randomUUID();

const metrics = [
  { name: 'pipeline.call_vs_bare_client', goal: { atMost: 1.3 } },
  { name: 'stripe.adapter_vs_sdk', goal: { atMost: 1.2 } },
] as const;

/** What a call costs beside a bare client's: median times of one call after another, on a provider of 0 ms. */
async function run({ say, signal }: BenchContext): Promise<Measurement> {
  const server = await startBookServer(signal);
  const provider = await startProcess<{ url: string }>('bench/groups/channels/provider-process');
  const agent = new Agent({ connections: 10 });
  const { database } = await server.openBooks('channels');
  const outgoing = productOn(database);
  outgoing.know(plain, { limits: undefined, secrets: [secretKey] });
  outgoing.know(limited, { limits: { perSecond: 100_000, perDay: 100_000_000 }, secrets: [secretKey] });
  outgoing.know(stripeAccount, { limits: undefined, secrets: [secretKey] });
  const { url } = provider.ready;
  const cpu = new Map<string, number[]>();
  const arm = (name: string, once: (reference: string) => Promise<void>): Arm => ({
    name,
    async measure(round) {
      signal.throwIfAborted();
      const { ms, cpuUs } = await medianMs(once);
      cpu.set(name, [...(cpu.get(name) ?? []), cpuUs]);
      say(`round ${round + 1} of ${rounds}, ${name}: ${(ms * 1_000).toFixed(0)} µs`);
      return ms;
    },
  });
  try {
    const samples = await interleave(
      [
        arm('bare', bare(agent, url)),
        arm('pipeline', throughPipeline(outgoing, plain, url)),
        arm('limited', throughPipeline(outgoing, limited, url)),
        arm('sdk', throughSdk(url)),
        arm('adapter', throughAdapter(outgoing, url)),
        arm('bareAgain', bare(agent, url)),
        arm('sdkAgain', throughSdk(url)),
      ],
      rounds,
    );
    const us = (name: string) => (medianOf(samples, name) * 1_000).toFixed(0);
    const more = (over: string, under: string) =>
      (medianOf(samples, over) - medianOf(samples, under)).toFixed(3);
    const { rows } = await database.query<{ count: bigint }>(
      'select count(*) as count from integration_calls',
    );
    return {
      values: {
        'pipeline.call_vs_bare_client': medianRatio(samples, 'pipeline', 'bare'),
        'stripe.adapter_vs_sdk': medianRatio(samples, 'adapter', 'sdk'),
      },
      againstItself: {
        'bare client': medianRatio(samples, 'bareAgain', 'bare'),
        'stripe sdk': medianRatio(samples, 'sdkAgain', 'sdk'),
      },
      notes: [
        `a call, p50: bare client ${us('bare')} µs, pipeline ${us('pipeline')} µs (${more('pipeline', 'bare')} ms more), with limits ${us('limited')} µs`,
        `a payment intent, p50: SDK ${us('sdk')} µs, adapter ${us('adapter')} µs (${more('adapter', 'sdk')} ms more)`,
        `CPU of this process a call, its record in the log included: ${cpuNote(cpu)}`,
        `${rows[0]?.count} calls were written to the log meanwhile`,
      ],
    };
  } finally {
    await outgoing.close();
    await agent.close();
    await provider.stop();
    await server.stop();
  }
}

function cpuNote(cpu: ReadonlyMap<string, readonly number[]>): string {
  return ['bare', 'pipeline', 'limited', 'sdk', 'adapter']
    .map((name) => `${name} ${median(cpu.get(name) ?? []).toFixed(0)} µs`)
    .join(', ');
}

/** As the product wires it: metrics, limits, and a log of calls that is really written. */
function productOn(database: Parameters<typeof createOutgoing>[0]['database']): Outgoing {
  const settings = loadSettings({
    DATABASE_URL: 'postgres://unused',
    ENCRYPTION_KEYS: `bench:${Buffer.alloc(32, 7).toString('base64')}`,
  });
  const log = createLog({ level: 'info', process: 'bench', destination: { write: () => undefined } });
  return createOutgoing({
    settings,
    database,
    log,
    metrics: createMetrics(),
    breakerChanged: () => undefined,
  });
}

async function medianMs(once: (reference: string) => Promise<void>): Promise<{ ms: number; cpuUs: number }> {
  for (let call = 0; call < warmUpCalls; call += 1) await once(`warm-${call}`);
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    const begun = performance.now();
    await once(`pay_0193a1b2c3d4e5f60718293a4b5c6d7e-${call}`);
    times.push(performance.now() - begun);
  }
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms: quantile(times, 0.5), cpuUs: (user + system) / calls };
}

function orderOf(reference: string): string {
  return JSON.stringify({
    ...{ orderNo: reference, amount: '100.50', currency: 'USD', subject: 'Two tins of tea' },
    notifyUrl: 'https://pay.example/api/v1/webhooks/kpay/chc_1',
    returnUrl: 'https://shop.example/thanks',
  });
}

const headers = { 'content-type': 'application/json', 'x-request-id': 'bench' };

function bare(dispatcher: Agent, url: string) {
  return async (reference: string): Promise<void> => {
    const answer = await request(`${url}/v1/orders`, {
      method: 'POST',
      headers,
      body: orderOf(reference),
      dispatcher,
    });
    const order = (await answer.body.json()) as { orderNo: string };
    if (answer.statusCode !== 200 || order.orderNo !== reference) throw new Error('no order');
  };
}

const kpayErrors = { codeOf: () => undefined, notProcessed: [] };

function throughPipeline({ caller, http }: Outgoing, instance: string, origin: string) {
  return async (reference: string): Promise<void> => {
    const context = {
      service: 'kpay',
      instance,
      operation: 'create',
      timeoutMs: 3_000,
      correlationId: reference,
    };
    const outcome = await caller.call(context, async (deadline) => {
      const body = orderOf(reference);
      const sent = { method: 'POST' as const, origin, path: '/v1/orders', headers, body };
      return classifyJson(await http.exchange(sent, deadline), kpayErrors);
    });
    if (outcome.kind !== 'ok' || (outcome.value as { orderNo: string }).orderNo !== reference) {
      throw new Error(`no order: ${outcome.kind}`);
    }
  };
}

function throughSdk(url: string) {
  const { hostname, port } = new URL(url);
  const stripe = new Stripe(secretKey, {
    ...{ host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0, telemetry: false },
  });
  return async (reference: string): Promise<void> => {
    const made = await stripe.paymentIntents.create(
      {
        ...{ amount: 10_050, currency: 'usd', description: 'Two tins of tea', capture_method: 'automatic' },
        payment_method_types: ['card'],
        metadata: { durapay_reference: reference },
      },
      { idempotencyKey: reference, timeout: 3_000 },
    );
    if (made.metadata.durapay_reference !== reference) throw new Error('no intent');
  };
}

function throughAdapter({ caller, http }: Outgoing, baseUrl: string) {
  const stripe = createStripe({ caller, http });
  const config = {
    ...{ id: stripeAccount, channel: 'stripe', mode: 'test' as const, baseUrl },
    credentials: { secretKey, publishableKey: 'pk_test_bench' },
  };
  return async (reference: string): Promise<void> => {
    const outcome = await stripe.startCharge(
      { config, timeoutMs: 3_000, correlationId: reference },
      {
        ...{
          reference,
          amount: 10_050n,
          currency: 'USD',
          description: 'Two tins of tea',
          capture: 'automatic',
        },
        webhookUrl: 'https://pay.example/api/v1/webhooks/stripe/chc_1',
        expiresAt: new Date(Date.now() + 1_800_000),
      },
    );
    if (outcome.kind !== 'action') throw new Error(`no intent: ${JSON.stringify(outcome)}`);
  };
}

export const pipeline: Part = { metrics, run };
