import path from 'node:path';
import { Client } from 'pg';
import { createCodecEndpoint } from '../../../api/codec';
import { currentDocument } from '../../../api/openapi/current';
import { createNewsWebhooks } from '../../../api/webhooks/receive-news';
import { createWebhooks } from '../../../api/webhooks/receive';
import { createPages } from '../../../api/pages';
import { createPayloadCodec } from '../../../security/payload-codec';
import { createMetrics } from '../../../telemetry/metrics';
import { startBreakableProxy, type BreakableProxy } from '../../support/breakable-proxy';
import { startTestApi, type TestApi } from '../../support/api';

const keys = [{ id: 'k1', key: Buffer.alloc(32, 3) }];
const codec = createPayloadCodec(keys);
const token = 'a-token-of-more-than-24-letters';
const uiUrl = 'http://127.0.0.1:8233';

let api: TestApi;
let temporal: () => Promise<void>;
let isShuttingDown = false;

beforeAll(async () => {
  const pages = [
    createPages({ metrics: createMetrics(), document: currentDocument }),
    createCodecEndpoint({ codec, token, uiUrl }),
  ];
  api = await startTestApi({
    temporalHealth: () => temporal(),
    isShuttingDown: () => isShuttingDown,
    parts: {
      pages,
      webhooks: [
        createNewsWebhooks({ bodyBytesMax: 1 } as never),
        createWebhooks({ bodyBytesMax: 1 } as never),
      ],
    },
  });
});
afterAll(() => api.stop());
beforeEach(() => {
  temporal = async () => {};
  isShuttingDown = false;
});

async function asOwner(statement: string): Promise<void> {
  const { rows } = await api.database.query<{ name: string }>('select current_database() as name');
  const url = new URL(api.settings.DATABASE_URL);
  const servers = JSON.parse(process.env.DURAPAY_TEST_SERVERS ?? '{}') as { ownerUrl: string };
  const client = new Client({
    connectionString: servers.ownerUrl.replace('DATABASE', rows[0]?.name ?? url.pathname),
  });
  await client.connect();
  await client.query(statement);
  await client.end();
}

describe('health', () => {
  it('is alive and ready', async () => {
    expect((await api.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
    const ready = await api.call('GET', '/readyz');
    expect([ready.status, ready.body]).toEqual([
      200,
      {
        status: 'ready',
        checks: { database: { ok: true }, migrations: { ok: true }, temporal: { ok: true } },
        warnings: [],
      },
    ]);
  });

  it('is not ready without Temporal, and does not say more than that', async () => {
    temporal = () => Promise.reject(new Error('14 UNAVAILABLE: secret-host:7233'));
    const ready = await api.call('GET', '/readyz');
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { status: 'not_ready', checks: { temporal: { ok: false } } },
    ]);
    expect(ready.text).not.toContain('secret-host');
    expect((await api.call('GET', '/healthz')).status).toBe(200);
  });

  it('does not wait for a check that hangs', async () => {
    temporal = () => new Promise(() => {});
    const startedAt = performance.now();
    expect((await api.call('GET', '/readyz')).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(3_500);
  });

  it('is not ready while it stops', async () => {
    isShuttingDown = true;
    const ready = await api.call('GET', '/readyz');
    expect([ready.status, ready.body]).toMatchObject([503, { status: 'shutting_down' }]);
  });

  it('is not ready for a schema that is older than the build', async () => {
    await asOwner("update schema_migrations set name = 'x' || name where name like '0001%'");
    const ready = await api.call('GET', '/readyz');
    expect(ready.status).toBe(503);
    expect(ready.text).toContain('0001_the_house');
    await asOwner("update schema_migrations set name = substr(name, 2) where name like 'x0001%'");
    expect((await api.call('GET', '/readyz')).status).toBe(200);
  });

  it('warns when partitions run out', async () => {
    await asOwner(`do $$ declare part regclass; begin
      for part in select inhrelid::regclass from pg_inherits where inhparent = 'outbox'::regclass
        order by inhrelid desc limit 12 loop
        execute format('drop table %s', part);
      end loop; end $$`);
    const ready = await api.call('GET', '/readyz');
    expect(ready.status).toBe(200);
    expect(ready.text).toContain('outbox has 0 partitions ahead');
    await asOwner("select ensure_partitions('outbox', 'day', 12)");
    expect((await api.call('GET', '/readyz')).body).toMatchObject({ warnings: [] });
  });
});

test('a request finds its route without a turn of the event loop, whatever else is mounted', async () => {
  const turns: string[] = [];
  const later = jest.spyOn(globalThis, 'setImmediate').mockImplementation((...[work, ...args]) => {
    turns.push(new Error().stack ?? '');
    return setTimeout(work, 0, ...args) as never;
  });
  try {
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    expect((await api.call('POST', '/api/v1/payments')).status).toBe(401);
  } finally {
    later.mockRestore();
  }
  expect(turns.filter((stack) => stack.includes(`${path.sep}router${path.sep}`))).toEqual([]);
});

describe('while the database is away', () => {
  it('answers 503 with Retry-After and is not ready; when it returns, all is as before', async () => {
    let proxy: BreakableProxy | undefined;
    const lonely = await startTestApi({
      databaseAt: async (url) => {
        const to = new URL(url);
        proxy = await startBreakableProxy({ host: to.hostname, port: Number(to.port) });
        to.host = `127.0.0.1:${proxy.port}`;
        return to.href;
      },
    });
    const list = () =>
      lonely.call('POST', '/api/v1/admin/merchants', {
        key: lonely.operatorKey,
        body: { name: 'Once' },
        headers: { 'idempotency-key': 'through-the-storm' },
      });
    const first = await list();
    expect(first.status).toBe(201);

    await proxy?.cut();
    const reply = await list();
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '2']);
    expect(reply.body).toMatchObject({ error: { code: 'database_unavailable', type: 'api_error' } });
    expect((await lonely.call('GET', '/readyz')).status).toBe(503);
    expect((await lonely.call('GET', '/healthz')).status).toBe(200);

    await proxy?.mend();
    const after = await list();
    expect([after.status, after.text]).toEqual([201, first.text]);
    expect((await lonely.call('GET', '/readyz')).status).toBe(200);
    await lonely.stop();
    await proxy?.cut();
  });
});

describe('pages', () => {
  it.each([
    ['/', 'text/html', 'href="/docs"'],
    ['/docs', 'text/html', 'swagger-ui-bundle.js'],
    ['/docs/start.js', 'text/javascript', 'SwaggerUIBundle'],
    ['/docs/swagger-ui.css', 'text/css', '.swagger-ui'],
    ['/docs/swagger-ui-bundle.js', 'text/javascript', 'SwaggerUIBundle'],
    ['/docs/errors', 'text/html', 'id="order_closed"'],
    ['/openapi.json', 'application/json', '"openapi":"3.1.0"'],
    ['/openapi.yaml', 'application/yaml', 'openapi: 3.1.0'],
    ['/metrics', 'text/plain', 'durapay_http_requests_in_flight'],
  ])('%s', async (path, type, content) => {
    const reply = await api.call('GET', path);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toContain(type);
    expect(reply.text).toContain(content);
  });

  it('the reference asks nobody else for anything', async () => {
    const { text, headers } = await api.call('GET', '/docs');
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
  });
});

it.each([
  ['/', 'GET, HEAD'],
  ['/metrics', 'GET, HEAD'],
  ['/docs/swagger-ui.css', 'GET, HEAD'],
  ['/api/v1/webhooks/kpay/chan_1', 'POST'],
  ['/api/v1/webhooks/messages/svc_1', 'POST'],
  ['/api/v1/payments/callback', 'POST'],
  ['/api/v1/payments/notify', 'POST'],
])('says what may be asked of %s: %s', async (path, allowed) => {
  const reply = await api.call('OPTIONS', path);
  expect([reply.status, reply.headers.get('allow'), reply.text]).toEqual([200, allowed, allowed]);
});

describe('codec endpoint', () => {
  const payload = {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from('{"orderId":"tea-1"}'),
  };
  const asJson = (from: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }) => ({
    metadata: Object.fromEntries(
      Object.entries(from.metadata ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value).toString('base64'),
      ]),
    ),
    data: Buffer.from(from.data ?? []).toString('base64'),
  });
  const ask = (at: string, body: unknown, headers: Record<string, string> = { origin: uiUrl }) =>
    api.call('POST', at, { body, headers });

  it('shows Temporal UI what it can not read', async () => {
    const [encrypted] = await codec.encode([payload]);
    const body = { payloads: [asJson(encrypted ?? {}), asJson(payload)] };
    const reply = await ask(`/codec/${token}/decode`, body, { origin: uiUrl, 'x-namespace': 'durapay' });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ payloads: [asJson(payload), asJson(payload)] });
    expect(reply.headers.get('access-control-allow-origin')).toBe(uiUrl);
  });

  it('encodes what an operator types in', async () => {
    const encoded = await ask(`/codec/${token}/encode`, { payloads: [asJson(payload)] });
    expect(encoded.text).not.toContain(asJson(payload).data);
    const decoded = await ask(`/codec/${token}/decode`, encoded.body);
    expect(decoded.body).toEqual({ payloads: [asJson(payload)] });
  });

  it("answers the browser's question beforehand, for the UI only", async () => {
    const preflight = (origin: string) =>
      api.call('OPTIONS', `/codec/${token}/decode`, {
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-namespace',
        },
      });
    const allowed = await preflight(uiUrl);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, uiUrl]);
    expect(allowed.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-namespace');
    const byItsOtherName = uiUrl.replace('127.0.0.1', 'localhost');
    expect((await preflight(byItsOtherName)).headers.get('access-control-allow-origin')).toBe(byItsOtherName);
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is not there without the token', async () => {
    for (const wrong of ['x', `${token}x`, token.slice(1), '%00']) {
      const reply = await ask(`/codec/${wrong}/decode`, { payloads: [] });
      expect([reply.status, reply.body]).toMatchObject([404, { error: { code: 'route_unknown' } }]);
    }
  });

  it('refuses what is no payload, and what was altered', async () => {
    expect((await ask(`/codec/${token}/decode`, { payloads: 7 })).status).toBe(400);
    const [encrypted] = await codec.encode([payload]);
    const altered = asJson({ ...encrypted, data: Buffer.from('not ours') });
    expect((await ask(`/codec/${token}/decode`, { payloads: [altered] })).status).toBe(400);
    const broken = await api.call('POST', `/codec/${token}/decode`, { raw: '{' });
    expect([broken.status, broken.body]).toMatchObject([400, { error: { code: 'body_invalid_json' } }]);
  });
});
