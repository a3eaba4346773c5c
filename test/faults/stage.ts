import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadSettings } from '../../config/settings';
import { createPool, type Database } from '../../db/pool';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { startStack, type Stack } from '../../dev/stack/stack';
import { unusedPorts } from '../../dev/stack/stack-ports';
import { mutate } from './mutation';
import { addMerchant, configurePayments, type PlatformMerchant } from '../support/platform-merchant';
import type { Where } from './load/contracts';
import { startLoadClient, type LoadClient } from './load/load-client';
import type { Secret } from './invariants/nothing-told';
import { startDatabaseWire, type DatabaseWire } from './wire/database-wire';
import { createOrderNames, type OrderNames } from './wire/order-names';
import { startProviderWire, type ProviderWire } from './wire/provider-wire';

/** What takes minutes in earnest takes seconds here, so that a run converges while somebody waits for it. */
const environment = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'debug',
  PAYMENT_FIRST_POLL_MS: '6000',
  PAYMENT_POLL_MS_MAX: '15000',
  CHANNEL_FAST_TIMEOUT_MS: '1500',
  CHANNEL_TIMEOUT_MS: '4000',
  WEBHOOK_SWEEP_AFTER_MS: '4000',
  SWEEP_INTERVAL_MS: '3000',
  OPEN_PAYMENT_OVERDUE_MS: '10000',
  CALLBACK_TIMEOUT_MS: '3000',
  CALLBACK_RETRY_FIRST_MS: '500',
  CALLBACK_RETRY_MS_MAX: '3000',
  KPAY_SANDBOX_WEBHOOK_RETRY_MS: '1000',
};
const expirySeconds = 25;

export interface FaultStage {
  stack: Stack;
  database: Database;
  databaseWire: DatabaseWire;
  providerWire: ProviderWire;
  names: OrderNames;
  temporal: Client;
  load: LoadClient;
  where: Where;
  secrets: Secret[];
  stateFolder: string;
  close(): Promise<void>;
}

/** A stack of this run's own, with a proxy before PostgreSQL and one before the provider. */
export async function openStage(options: {
  seed: number;
  /** The folder stays when all is over: for looking into what happened. */
  isKept: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<FaultStage> {
  const ending: (() => Promise<unknown>)[] = [];
  const endWith = (end: () => Promise<unknown>): void => void ending.unshift(end);
  const close = async () => {
    for (const end of ending.splice(0)) await end();
  };
  try {
    const stateFolder = await mkdtemp(path.join(tmpdir(), 'durapay-faults-'));
    endWith(async () => {
      if (options.isKept) options.say(`kept: ${stateFolder}`);
      else await rm(stateFolder, { recursive: true, force: true });
    });
    const ports = await unusedPorts();
    const names = createOrderNames();
    const databaseWire = await startDatabaseWire(ports.postgres, names);
    endWith(() => databaseWire.close());
    const providerWire = await startProviderWire(ports.kpay);
    endWith(() => providerWire.close());
    const stack = await startStack({
      stateFolder,
      ports,
      environment: { ...environment, KPAY_SANDBOX_SEED: String(options.seed) },
      databaseThroughPort: databaseWire.port,
      report: options.say,
      signal: options.signal,
    });
    endWith(() => stack.stop());
    const database = createPool({
      url: stack.ownerUrl,
      size: 4,
      statementTimeoutMs: 60_000,
      name: 'faults',
      onIdleError: () => undefined,
    });
    endWith(() => database.end());
    await mutate(database);
    const load = await startLoadClient();
    endWith(() => load.stop());
    const settings = loadSettings(stack.env);
    const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS });
    endWith(() => connection.close());
    const temporal = new Client({ connection, namespace: settings.TEMPORAL_NAMESPACE });

    await database.query(`update channel_configs set base_url = $1 where channel = 'kpay'`, [
      `http://127.0.0.1:${providerWire.port}`,
    ]);
    const stranger = await addMerchant(database, 'Another shop');
    const { where, secrets } = await settle(stack, { load, stranger });
    for (const { key } of settings.ENCRYPTION_KEYS) {
      secrets.push({ name: 'the encryption key', text: key.toString('base64') });
    }
    if (settings.CODEC_TOKEN !== undefined)
      secrets.push({ name: 'the codec’s token', text: settings.CODEC_TOKEN });
    where.secrets = secrets.map(({ text }) => text);
    return {
      stack,
      database,
      databaseWire,
      providerWire,
      names,
      temporal,
      load,
      where,
      secrets,
      stateFolder,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function settle(
  stack: Stack,
  { load, stranger }: { load: LoadClient; stranger: PlatformMerchant },
): Promise<{ where: Where; secrets: Secret[] }> {
  const url = stack.urls.api.replace('/api/v1', '');
  const { apiKey, operatorKey, merchantId } = stack.demo;
  const callbackSecret = await configurePayments(
    { url, operatorKey },
    { publicId: merchantId },
    {
      channels: ['kpay'],
      callbackUrl: load.callbackUrl,
      expiresInSeconds: expirySeconds,
      lateMoney: 'refund',
    },
  );
  if (callbackSecret === undefined) throw new Error('no secret for callbacks was given');
  const where: Where = {
    api: stack.urls.api,
    kpay: stack.urls.sandboxes['kpay'] ?? '',
    apiKey,
    strangerKey: stranger.apiKey,
    callbackSecret,
    secrets: [],
  };
  const secrets = [
    { name: "the merchant's key", text: apiKey },
    { name: "the operator's key", text: operatorKey },
    { name: "the stranger's key", text: stranger.apiKey },
    { name: 'the secret that signs callbacks', text: callbackSecret },
    { name: "the provider's API secret", text: kpaySandboxAccount.apiSecret },
    { name: "the provider's webhook secret", text: kpaySandboxAccount.webhookSecret },
    { name: "a customer's address", text: '@private.example' },
  ];
  return { where, secrets };
}
