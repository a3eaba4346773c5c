import { Connection, Client } from '@temporalio/client';
import { loadSettings } from '../../config/settings';
import { createPool, type Database } from '../../db/pool';
import { auditInvariants } from '../../db/read-models/invariants';
import {
  startKpaySandbox,
  type KpaySandbox,
  type KpaySandboxOptions,
} from '../../dev/sandboxes/kpay/sandbox';
import { freePorts } from '../../dev/stack/ports';
import { publicId } from '../../domain/ids';
import { paymentWorkflowId } from '../../domain/payment/reference';
import { createSecretBox, type SecretBox } from '../../security/secret-box';
import { createPayloadCodec } from '../../security/payload-codec';
import { queuesOf } from '../../workers/queues';
import { failureConverterPath } from '../../workers/temporal';
import { sweepKinds, type SweepKind, type TaskQueues } from '../../workflows/contracts';
import { call, type CallOptions, type Reply } from './api';
import { startCallbackReceiver, type CallbackReceiver } from './callback-receiver';
import { freshDatabase } from './database';
import { addKey, addKpay, addMerchant, configurePayments, type PlatformMerchant } from './platform-merchant';
import { startApart, startInside, type PlatformProcesses } from './platform-processes';
import { startTcpProxy, type TcpProxy } from './tcp-proxy';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from './temporal';
import { until } from './until';

export interface PlatformOptions {
  settings?: Record<string, string>;
  sandbox?: KpaySandboxOptions;
  /** Of the merchant's payment configuration, beside channel and callback address. */
  config?: Record<string, unknown>;
  processes?: 'inside' | 'apart';
  /** Puts something between the platform and its servers that can take them away. */
  throughProxies?: boolean;
}

export interface PaymentBody {
  id: string;
  orderId: string;
  status: string;
  amount: string;
  attempts: number;
  nextAction: { type: string; url: string } | null;
  lastError: { code: string; message: string } | null;
}

export interface Platform extends PlatformProcesses {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  readonly sandbox: KpaySandbox;
  readonly callbacks: CallbackReceiver;
  readonly merchant: PlatformMerchant;
  readonly operatorKey: string;
  /** Opens another merchant's account, with nothing configured. */
  stranger(): Promise<PlatformMerchant>;
  readonly channelConfigId: string;
  readonly webhookPath: string;
  /** As the owner of the tables. */
  readonly database: Database;
  readonly secretBox: SecretBox;
  readonly temporal: Client;
  readonly queues: TaskQueues;
  /** With `throughProxies` only. */
  readonly proxies: { database: TcpProxy; temporal: TcpProxy };
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  startPayment(body: Record<string, unknown>, headers?: Record<string, string>): Promise<Reply>;
  /** A payment that was started and answered with a redirect. */
  openPayment(body?: Record<string, unknown>): Promise<PaymentBody>;
  readPayment(id: string): Promise<PaymentBody>;
  waitForStatus(id: string, status: string, timeoutMs?: number): Promise<PaymentBody>;
  /** One round of a sweep, now. */
  sweep(kind: SweepKind): Promise<void>;
  /** The customer's hand on the checkout page. */
  checkout(payment: PaymentBody, what: 'pay' | 'decline'): Promise<void>;
  workflowId(orderId: string): string;
  /** As when Temporal came back from a backup that is older than this workflow. For one that runs. */
  forget(workflowId: string): Promise<void>;
  close(): Promise<void>;
}

/** A whole platform of this test's own: database, queues, provider, API, worker and a merchant who is called back. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const [fresh, [port = 0], sandbox, callbacks] = await Promise.all([
    freshDatabase(),
    freePorts(1),
    startKpaySandbox({ webhookRetryFirstMs: 200, ...options.sandbox }),
    startCallbackReceiver(),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const proxies = options.throughProxies ? await startProxies(fresh.url) : undefined;
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    API_PORT: String(port),
    API_PUBLIC_URL: url,
    DATABASE_URL: proxies ? throughProxy(fresh.url, proxies.database) : fresh.url,
    TEMPORAL_ADDRESS: proxies ? `127.0.0.1:${proxies.temporal.port}` : temporalAddress(),
    TEMPORAL_NAMESPACE: temporalNamespace(),
    TASK_QUEUE_PREFIX: `${uniqueTaskQueue('e2e')}-`,
    ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
    WORKFLOW_BUNDLE: process.env.WORKFLOW_BUNDLE,
    CALLBACK_PRIVATE_RANGES_ALLOWED: '127.0.0.0/8',
    // How soon a busy machine answers is no concern of a test that does not say so.
    PAYMENT_ANSWER_WITHIN_MS: '15000',
    // Tests count what their provider is asked: nobody else asks it meanwhile.
    HEALTH_CHECK_INTERVAL_MS: '86400000',
    ...options.settings,
  };
  const settings = loadSettings(env);
  const database = createPool({ url: fresh.ownerUrl, size: 4, statementTimeoutMs: 10_000, name: 'test' });
  const secretBox = createSecretBox(settings.ENCRYPTION_KEYS);
  const merchant = await addMerchant(database, 'Tea House');
  const operatorKey = await addKey(database, { role: 'admin' });
  const channelConfigId = await addKpay(database, secretBox, { baseUrl: sandbox.url });
  const queues = queuesOf(settings);
  const connection = await Connection.connect({ address: temporalAddress() });
  const dataConverter = {
    payloadCodecs: [createPayloadCodec(settings.ENCRYPTION_KEYS)],
    failureConverterPath,
  };
  const temporal = new Client({ connection, namespace: temporalNamespace(), dataConverter });
  const processes = await (options.processes === 'apart' ? startApart : startInside)(env);
  callbacks.trust(
    (await configurePayments({ url, operatorKey }, merchant, {
      channels: ['kpay'],
      callbackUrl: callbacks.url,
      ...options.config,
    })) ?? '',
  );

  const workflowId = (orderId: string) => paymentWorkflowId('test', merchant.id, orderId);
  const callApi = (method: string, path: string, how: CallOptions = {}) => call(url, method, path, how);
  const startPayment = (body: Record<string, unknown>, headers?: Record<string, string>) =>
    callApi('POST', '/api/v1/payments', { key: merchant.apiKey, body, headers });
  async function readPayment(id: string): Promise<PaymentBody> {
    const reply = await callApi('GET', `/api/v1/payments/${id}`, { key: merchant.apiKey });
    if (reply.status !== 200) throw new Error(`payment ${id}: ${reply.status} ${reply.text}`);
    return reply.body as PaymentBody;
  }

  return {
    ...processes,
    url,
    env,
    sandbox,
    callbacks,
    merchant,
    operatorKey,
    stranger: () => addMerchant(database, 'Coffee House'),
    channelConfigId,
    webhookPath: `/api/v1/webhooks/kpay/${publicId('channelConfig', channelConfigId)}`,
    database,
    secretBox,
    temporal,
    queues,
    get proxies() {
      if (proxies === undefined) throw new Error('This platform was not started with `throughProxies`.');
      return proxies;
    },
    call: callApi,
    startPayment,
    readPayment,
    async openPayment(body) {
      const reply = await startPayment(anOrder(body));
      const payment = reply.body as PaymentBody;
      if (reply.status !== 201 || !payment.nextAction) throw new Error(`${reply.status} ${reply.text}`);
      return payment;
    },
    waitForStatus: (id, status, timeoutMs) =>
      until(
        `${id} is ${status}`,
        async () => {
          const payment = await readPayment(id);
          return payment.status === status && payment;
        },
        timeoutMs,
      ),
    sweep: (kind) => temporal.schedule.getHandle(`${queues.operations}-sweep-${kind}`).trigger(),
    async checkout(payment, what) {
      const answer = await fetch(`${payment.nextAction?.url}/${what}`, {
        method: 'POST',
        headers: { accept: 'application/json', connection: 'close' },
      });
      if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    },
    workflowId,
    async forget(forgotten) {
      const workflowExecution = { workflowId: forgotten };
      const { workflowService } = connection;
      await workflowService.deleteWorkflowExecution({ namespace: temporalNamespace(), workflowExecution });
      const handle = temporal.workflow.getHandle(forgotten);
      // It deletes when it gets to it, and tries that again with growing pauses.
      await until('Temporal has forgotten it', () =>
        handle.describe().then(
          () => false,
          () => true,
        ),
      );
    },
    async close() {
      await processes.stop();
      await Promise.allSettled(
        sweepKinds.map((kind) => temporal.schedule.getHandle(`${queues.operations}-sweep-${kind}`).delete()),
      );
      await connection.close();
      const broken = await brokenPromises(database);
      await Promise.all([sandbox.close(), callbacks.close(), database.end()]);
      await Promise.all([proxies?.database.close(), proxies?.temporal.close()]);
      await fresh.drop();
      if (broken.length > 0) throw new Error(`The audit finds:\n${broken.join('\n')}`);
    },
  };
}

/** Whatever a test did to its platform, the books keep their promises. */
async function brokenPromises(database: Database): Promise<string[]> {
  const checks = await auditInvariants(database, { msMaxEach: 10_000 });
  return checks.flatMap(({ name, offenders }) => offenders.map((offender) => `${name}: ${offender}`));
}

async function startProxies(databaseUrl: string): Promise<Platform['proxies']> {
  const server = new URL(databaseUrl);
  const [temporalHost = '', temporalPort] = temporalAddress().split(':');
  return {
    database: await startTcpProxy({ host: server.hostname, port: Number(server.port) }),
    temporal: await startTcpProxy({ host: temporalHost, port: Number(temporalPort) }),
  };
}

function throughProxy(url: string, proxy: TcpProxy): string {
  const changed = new URL(url);
  changed.host = `127.0.0.1:${proxy.port}`;
  return changed.href;
}

let orders = 0;

/** A request for a payment of 100.50 USD under an orderId of its own. */
export function anOrder(over: Record<string, unknown> = {}): Record<string, unknown> & { orderId: string } {
  orders += 1;
  const orderId = `order-${process.pid}-${Date.now().toString(36)}-${orders}`;
  return { orderId, amount: '100.50', currency: 'USD', description: 'Two tins of tea', ...over };
}
