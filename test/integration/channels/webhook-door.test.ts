import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createWebhooks } from '../../../api/webhooks/receive';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { publicId } from '../../../domain/ids';
import type { RawWebhook } from '../../../integrations/channels/payment-provider';
import { createLog } from '../../../telemetry/log';
import { freshDatabase } from '../../support/database';
import type { ChannelHarness } from './contract';
import { contractTools } from './contract-tools';
import { startEcpayHarness } from './ecpay-harness';
import { startKpayHarness } from './kpay-harness';
import { startStripeHarness } from './stripe-harness';
import { startTpayHarness } from './tpay-harness';

/** The door that every provider's events come through, with each channel's own genuine ones. */
const channels: [string, () => Promise<ChannelHarness>][] = [
  ['kpay', () => startKpayHarness()],
  ['tpay', () => startTpayHarness()],
  ['stripe', () => startStripeHarness()],
  ['ecpay', () => startEcpayHarness()],
];

let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 5_000, name: 'door' });
});
afterAll(async () => {
  await database.end();
  await drop();
});

describe.each(channels)('the webhook door of %s', (channel, start) => {
  const configId = newId();
  let harness: ChannelHarness;
  let server: Server;
  let ipsAllowed: string[];
  let counted: string[];
  let delivered: string[];
  let logged: { level: string; [detail: string]: unknown }[];
  let genuine: RawWebhook;

  beforeAll(async () => {
    harness = await start();
    const tools = contractTools(() => harness);
    await tools.paid();
    genuine = (await harness.webhooks(1))[0]!;
    const app = express();
    app.set('trust proxy', 1);
    app.use((_request, response, next) => {
      response.locals.requestId = 'req_test';
      next();
    });
    const mount = createWebhooks({
      database,
      channelOf: (id) =>
        Promise.resolve(
          id === configId
            ? { webhook: harness.webhook, config: { ...harness.config, id: configId }, ipsAllowed }
            : undefined,
        ),
      deliverEvent: (arrival) => {
        delivered.push(arrival.inboxId);
        return Promise.resolve();
      },
      log: createLog({
        level: 'error',
        process: 'test',
        destination: { write: (line) => void logged.push(JSON.parse(line) as (typeof logged)[number]) },
      }),
      publicUrl: 'http://127.0.0.1',
      bodyBytesMax: 65_536,
      newId,
      counted: (outcome, name) => void counted.push(`${name}:${outcome}`),
    });
    mount(app, '/api/v1');
    server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
  });
  beforeEach(() => {
    ipsAllowed = [];
    counted = [];
    delivered = [];
    logged = [];
  });
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await harness?.close();
  });

  async function knock(webhook: RawWebhook, from = '203.0.113.7') {
    const { port } = server.address() as AddressInfo;
    const headers = Object.fromEntries(
      Object.entries(webhook.headers).flatMap(([name, value]) =>
        value === undefined || ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name)
          ? []
          : [[name, value]],
      ),
    );
    const path = `/api/v1/webhooks/${channel}/${publicId('channelConfig', configId)}`;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { ...headers, 'x-forwarded-for': from },
      body: new Uint8Array(webhook.body),
    });
    return { status: answer.status, text: await answer.text() };
  }

  const kept = async () => {
    const { rows } = await database.query<{ count: bigint }>(
      'select count(*) as count from webhook_inbox where channel_config_id = $1',
      [configId],
    );
    return Number(rows[0]?.count);
  };

  it('refuses a forged event with 401, counts it and keeps nothing', async () => {
    const forged = harness.signed(genuine, 'guessed', new Date());
    const bare = harness.unsigned?.(genuine) ?? { ...genuine, headers: {} };
    for (const webhook of [forged, bare]) {
      const answer = await knock(webhook);
      expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('webhook_refused')]);
    }
    expect(counted).toEqual([`${channel}:forged`, `${channel}:forged`]);
    expect(await kept()).toBe(0);
    expect(delivered).toEqual([]);
  });

  it.each([
    [
      'payments/callback',
      /lacks `channel`, the name of a channel, and `config`, the id of its configuration/,
    ],
    [`payments/callback?config=${publicId('channelConfig', configId)}`, /lacks `channel`/],
    [`payments/notify?channel=${channel}`, /lacks `config`/],
    [`payments/notify?channel=${channel}&config=chc_1`, /`config` is no id of a configuration/],
    [`webhooks/${channel}/chc_none`, /`config` is no id of a configuration/],
    [`webhooks/other/${publicId('channelConfig', configId)}`, /of another channel/],
    [`webhooks/${channel}/${publicId('channelConfig', newId())}`, /No channel is configured/],
  ])('has nothing at %s, and tells the provider’s engineer why', async (path, message) => {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, { method: 'POST', body: 'x' });
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect([answer.status, error.code]).toEqual([404, 'webhook_unknown']);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\bkey\b/);
  });

  it('refuses a stale event with 401, and counts it', async () => {
    const { behindMs } = harness.webhookAge ?? { behindMs: 300_000 };
    const old = harness.signed(genuine, harness.webhookSecret, new Date(Date.now() - behindMs - 60_000));
    const answer = await knock(old);
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('webhook_refused')]);
    expect(counted).toEqual([`${channel}:stale`]);
    expect(await kept()).toBe(0);
  });

  it('refuses what is signed and can not be read with 400, says why, counts it and keeps nothing', async () => {
    const broken = { ...genuine, body: Buffer.from('{"id":') };
    const answer = await knock(harness.signed(broken, harness.webhookSecret, new Date()));
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(answer.text) as { error: { code: string; message: string } };
    expect(error.code).toBe('webhook_malformed');
    expect(error.message).toMatch(
      channel === 'ecpay' ? /^the notification does not read: MerchantID: / : /^the body is not JSON\. /,
    );
    expect(counted).toEqual([`${channel}:malformed`]);
    expect(await kept()).toBe(0);
  });

  it('refuses a genuine event from an address that is not the provider’s, with 401, and counts it', async () => {
    ipsAllowed = ['198.51.100.0/24'];
    const answer = await knock(genuine);
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('webhook_refused')]);
    expect(counted).toEqual([`${channel}:wrong_address`]);
    expect(await kept()).toBe(0);
  });

  it('takes it from an allowed address, and again with the provider’s acknowledgement and no second effect', async () => {
    ipsAllowed = ['198.51.100.0/24'];
    const { acknowledgement } = harness.webhook;
    // Nobody has told this database of the attempt.
    for (const outcome of ['unknown_attempt', 'repeated', 'repeated']) {
      const answer = await knock(genuine, '198.51.100.9');
      expect(answer).toEqual({ status: acknowledgement.status, text: acknowledgement.body });
      expect(counted.at(-1)).toBe(`${channel}:${outcome}`);
    }
    expect(await kept()).toBe(1);
    expect(delivered).toHaveLength(1);
    expect(logged).toMatchObject([
      {
        level: 'error',
        channel,
        channelConfig: publicId('channelConfig', configId),
        reference: expect.stringMatching(/^pay_[0-9a-f]{32}-1$/) as string,
        amountMinor: expect.stringMatching(/^\d+$/) as string,
        currency: expect.stringMatching(/^[A-Z]{3}$/) as string,
      },
    ]);
  });
});
