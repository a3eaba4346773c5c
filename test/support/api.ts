import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, type AppDeps } from '../../api/app';
import { createRoutes, type RoutesDeps } from '../../api/routes';
import type { Route } from '../../api/route';
import { loadSettings, type Settings } from '../../config/settings';
import { createConfigListener } from '../../db/config-listener';
import { newId } from '../../db/ids';
import { createPool, type Database } from '../../db/pool';
import { loadPaymentSetup } from '../../db/read-models/payment-setup';
import { putApiKey } from '../../db/stores/api-keys-store';
import { createLedger } from '../../db/stores/ledger-store';
import { createMerchant } from '../../db/stores/merchants-store';
import { publicId } from '../../domain/ids';
import type { Mode } from '../../domain/payment/reference';
import { routeByPreference } from '../../domain/routing/by-preference';
import { newApiKey } from '../../security/api-keys';
import { createSecretBox, type SecretBox } from '../../security/secret-box';
import { createLog } from '../../telemetry/log';
import { createMetrics } from '../../telemetry/metrics';
import { createOutgoing } from '../../workers/outgoing';
import { createChannels } from '../../workers/channels';
import { createServices } from '../../workers/services';
import { putChannel } from './channel';
import { freshDatabase } from './database';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  body: unknown;
}

export interface CallOptions {
  key?: string;
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

export interface TestMerchant {
  id: string;
  publicId: string;
  testKey: string;
  liveKey: string;
}

export interface TestApi {
  url: string;
  settings: Settings;
  database: Database;
  secretBox: SecretBox;
  /** Every line the log has had. */
  logLines: string[];
  operatorKey: string;
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  addMerchant(name?: string): Promise<TestMerchant>;
  addChannel(options?: { channel?: string; mode?: Mode; currencies?: string[] }): Promise<string>;
  stop(): Promise<void>;
}

export interface TestApiOptions {
  settings?: Record<string, string>;
  /** Where the app finds its database, if not directly. */
  databaseAt?: (url: string) => Promise<string>;
  temporalHealth?: () => Promise<void>;
  isShuttingDown?: () => boolean;
  /** Tests of the platform start no payments; those that do bring what starts them. */
  startPayment?: RoutesDeps['startPayment'];
  resendCallback?: RoutesDeps['callbacks']['resend'];
  extraRoutes?: (database: Database) => Route[];
  parts?: Partial<Pick<AppDeps, 'pages' | 'webhooks'>>;
}

/** The app on a database of its own, reached over HTTP like anybody else reaches it. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const fresh = await freshDatabase();
  const databaseUrl = (await options.databaseAt?.(fresh.url)) ?? fresh.url;
  const settings = loadSettings({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
    ...options.settings,
  });
  const logLines: string[] = [];
  const database = createPool({ url: databaseUrl, size: 5, statementTimeoutMs: 10_000, name: 'test-api' });
  const secretBox = createSecretBox(settings.ENCRYPTION_KEYS);
  const log = createLog({
    level: 'debug',
    process: 'api',
    destination: { write: (line) => void logLines.push(line) },
  });
  const metrics = createMetrics();
  const outgoing = createOutgoing({
    ...{ settings, database, log, metrics },
    breakerChanged: () => undefined,
  });
  const listener = createConfigListener({
    url: databaseUrl,
    name: 'test-listener',
    onError: () => undefined,
  });
  const app = createApp({
    settings,
    database,
    secretBox,
    log,
    metrics,
    routes: [
      ...createRoutes({
        database,
        secretBox,
        settings,
        temporalHealth: options.temporalHealth ?? (async () => {}),
        isShuttingDown: options.isShuttingDown ?? (() => false),
        setupOf: (merchantId, mode) =>
          loadPaymentSetup(database, merchantId, mode, {
            abilitiesOf: () => ({
              methods: ['card', 'wallet'],
              amounts: [{ currency: 'JPY', min: 50n, max: 99_999_999n }],
              methodsToReserve: [],
              keepsMethods: false,
            }),
            monthVolumesOf: () => Promise.resolve({}),
            channelVolumes: () => Promise.resolve({}),
          }),
        route: routeByPreference,
        ledger: createLedger(),
        collectRates: () => Promise.reject(new Error('This test fetches no rates.')),
        exchange: {
          rateAgeMsMax: settings.EXCHANGE_RATE_AGE_MS_MAX,
          quoteTtlMs: settings.EXCHANGE_QUOTE_TTL_MS,
        },
        newId,
        services: createServices({ database, secretBox, log, outgoing, listener }),
        channels: createChannels({ database, secretBox, log, outgoing, listener, configurationMs: 1 }),
        routing: { statistics: { of: () => undefined } },
        readHistory: () => Promise.resolve(undefined),
        readStuckStep: () => Promise.resolve(undefined),
        callbacks: {
          resend:
            options.resendCallback ?? (() => Promise.reject(new Error('This test does not send callbacks.'))),
        },
        log: createLog({ level: 'silent', process: 'api' }),
        messages: {
          start: () => Promise.reject(new Error('This test has no workflows.')),
          nudge: () => Promise.reject(new Error('This test has no workflows.')),
        },
        suspense: { nudge: () => Promise.reject(new Error('This test has no workflows.')) },
        startRefund: () => Promise.reject(new Error('This test does not refund.')),
        carryOut: () => Promise.reject(new Error('This test has no workflows.')),
        customers: {
          syncMethods: () => Promise.resolve(true),
          detach: () => Promise.reject(new Error('This test has no channels.')),
        },
        submitEvidence: () => Promise.reject(new Error('This test sends no evidence.')),
        commandPayment: () => Promise.reject(new Error('This test does not command payments.')),
        startPayment:
          options.startPayment ??
          (() => Promise.reject(new Error('This test did not say how payments are started.'))),
      }),
      ...(options.extraRoutes?.(database) ?? []),
    ],
    ...options.parts,
  });
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function addKey(owner: Parameters<typeof putApiKey>[1]['owner']): Promise<string> {
    const key = newApiKey(owner.role === 'admin' ? 'admin' : owner.mode);
    await putApiKey(database, { id: newId(), owner, prefix: key.prefix, secretHash: key.hash });
    return key.text;
  }

  return {
    url,
    settings,
    database,
    secretBox,
    logLines,
    operatorKey: await addKey({ role: 'admin' }),
    call: (method, path, callOptions) => call(url, method, path, callOptions),
    async addMerchant(name = 'Tea House') {
      const { id } = await createMerchant(database, { id: newId(), name, defaultCurrency: 'USD' });
      return {
        id,
        publicId: publicId('merchant', id),
        testKey: await addKey({ role: 'merchant', merchantId: id, mode: 'test' }),
        liveKey: await addKey({ role: 'merchant', merchantId: id, mode: 'live' }),
      };
    },
    async addChannel({ channel = 'kpay', mode = 'test', currencies = ['USD', 'EUR'] } = {}) {
      const id = newId();
      const baseUrl = 'http://127.0.0.1:9';
      const said = { channel, mode, name: channel, baseUrl, credentials: {}, currencies };
      await putChannel({ database, secretBox }, id, said);
      return publicId('channelConfig', id);
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await outgoing.close();
      await database.end();
      await fresh.drop();
    },
  };
}

export async function call(
  url: string,
  method: string,
  path: string,
  { key, body, raw, headers }: CallOptions = {},
): Promise<Reply> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}
