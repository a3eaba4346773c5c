import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload } from '@temporalio/common';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { createPayloadCodec } from '../../security/payload-codec';
import { anOrder, startPlatform, type Platform } from '../support/platform';
import { until } from '../support/until';

const { apiSecret, webhookSecret } = kpaySandboxAccount;
const token = 'Bearer the-token-that-nobody-may-repeat';
const secrets = [apiSecret, webhookSecret, token];

/** A provider that repeats the secrets it shares with who asks it, in every way an answer has. */
type Gossip = (response: ServerResponse, first: string, second: string) => void;

const gossips: readonly Gossip[] = [
  (response, first, second) => answer(response, 401, { error: { code: first, message: `no ${second}` } }),
  (response, first, second) =>
    answer(response, 422, { error: { code: first, message: second }, code: second }),
  (response, first, second) => answer(response, 500, { error: { code: second, message: `key ${first}` } }),
  (response, first, second) =>
    answer(response, 200, { status: first, orderNo: second, note: `key ${first}` }),
  (response, first, second) => response.writeHead(502, `Bad ${first}`).end(`<html>${second}</html>`),
  (response, first) => response.writeHead(302, { location: `http://x.example/?k=${first}` }).end(first),
];

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-debug': JSON.stringify(body) });
  response.end(JSON.stringify(body));
}

let platform: Platform;
let provider: Server;
let gossip: Gossip | undefined;
let askedOfChannel = 0;
const replies: string[] = [];

beforeAll(async () => {
  provider = createServer((request, response) => {
    request.resume();
    const isChannel = request.url?.startsWith('/v1/orders') === true;
    if (isChannel) askedOfChannel += 1;
    gossip?.(response, isChannel ? apiSecret : token, isChannel ? webhookSecret : token);
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  platform = await startPlatform({ processes: 'apart', settings: { LOG_LEVEL: 'debug' } });
});
afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await platform.close();
});

async function ask(method: string, path: string, body?: unknown, key = platform.operatorKey) {
  const reply = await platform.call(method, `/api/v1${path}`, { key, body });
  replies.push(reply.text, JSON.stringify([...reply.headers]));
  return reply.body as { id: string; data: { id: string }[] };
}

test('whatever a provider repeats, no secret is in an answer, a log, a table or a history', async () => {
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  await platform.database.query('update channel_configs set base_url = $1', [baseUrl]);
  const service = { name: 'GOSSIP', serviceType: 'PUSH_SERVICE', kind: 'HTTP_ENDPOINT' };
  await ask('POST', '/integrations/services', {
    ...service,
    configurations: { authorization: token, testPath: token },
  });
  const configurations = { baseUrl, authorization: token, testPath: '/' };
  const { id } = await ask('POST', '/integrations/services', { ...service, configurations });
  await ask('PUT', `/integrations/services/${id}`, {
    configurations: { ...configurations, testPath: '/other', authorization: `${token}2` },
  });
  await ask('POST', `/integrations/services/${id}/rollback`, { toVersion: 1 });
  for (const path of ['', '/versions', '/versions/2', '/versions/2/differences', '/metrics']) {
    await ask('GET', `/integrations/services/${id}${path}`);
  }

  const orders: string[] = [];
  const pay = async () => {
    const order = anOrder();
    orders.push(order.orderId);
    await ask('POST', '/payments', order, platform.merchant.apiKey);
  };
  gossip = gossips[0];
  await until('the channel is asked at its new address', async () => {
    await pay();
    return askedOfChannel > 0;
  });
  for (gossip of gossips) {
    await ask('POST', `/integrations/services/${id}/test-connection`, {});
    // A payment each; after some of these answers the channel rests, and that is as it should be.
    await pay();
  }
  await platform.sweep('integrations');
  const calls = await until('the calls are written', async () => {
    const { data } = await ask('GET', '/integrations/logs?limit=100');
    return data.length > gossips.length + 2 && data;
  });
  for (const call of calls) await ask('GET', `/integrations/logs/${call.id}`);
  await ask('GET', '/integrations/alerts');
  await ask('GET', '/payments', undefined, platform.merchant.apiKey);

  const places = {
    answers: { text: replies.join('\n'), known: 'GOSSIP' },
    logs: { text: logsOf(), known: 'integration call' },
    tables: { text: await tables(), known: 'GOSSIP' },
    histories: { text: await histories(orders), known: 'Two tins of tea' },
  };
  for (const [place, { text, known }] of Object.entries(places)) {
    // A search that does not find what is there finds nothing.
    expect([place, text.includes(known)]).toEqual([place, true]);
    const found = secrets.filter((secret) => forms(secret).some((form) => text.includes(form)));
    expect([place, found]).toEqual([place, []]);
  }
});

function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('base64'), bytes.toString('hex')];
}

function logsOf(): string {
  const { api, worker } = platform.children ?? {};
  return [api, worker].map((child) => readFileSync(child?.logFile ?? '', 'utf8')).join('\n');
}

/** Every row of every table, bytes as hex. */
async function tables(): Promise<string> {
  const { rows } = await platform.database.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of rows) {
    const found = await platform.database.query<{ row: string }>(`select t::text as row from "${name}" t`);
    texts.push(...found.rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

/** Decoded, as an operator sees them in Temporal's UI. */
async function histories(orders: readonly string[]): Promise<string> {
  const codec = createPayloadCodec([{ id: 'test-1', key: Buffer.alloc(32, 7) }]);
  const texts: string[] = [];
  for (const orderId of orders) {
    const history = await platform.temporal.workflow
      .getHandle(platform.workflowId(orderId))
      .fetchHistory()
      .catch(() => undefined);
    for (const payload of payloadsIn(history?.events)) {
      const [plain] = await codec.decode([payload]);
      texts.push(Buffer.from(plain?.data ?? []).toString('utf8'));
    }
  }
  return texts.join('\n');
}

function payloadsIn(value: unknown, depth = 0): Payload[] {
  if (typeof value !== 'object' || value === null || depth > 20 || value instanceof Uint8Array) return [];
  const { metadata, data } = value as Payload;
  if (metadata !== undefined && data instanceof Uint8Array) return [value];
  return Object.values(value).flatMap((inner) => payloadsIn(inner, depth + 1));
}
