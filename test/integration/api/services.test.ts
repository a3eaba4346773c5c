import Stripe from 'stripe';
import { startKpaySandbox } from '../../../dev/sandboxes/kpay/sandbox';
import { parsePublicId } from '../../../domain/ids';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestApi, type TestApi } from '../../support/api';

const token = 'Bearer a-token-long-enough-to-have-an-end-1234';
let api: TestApi;
let lake: Server;
let lakeUrl: string;
let asked: { url?: string; authorization?: string }[];

beforeAll(async () => {
  api = await startTestApi();
  lake = createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    response.statusCode = request.headers.authorization === token ? 204 : 401;
    response.end();
  });
  await new Promise<void>((resolve) => lake.listen(0, '127.0.0.1', resolve));
  lakeUrl = `http://127.0.0.1:${(lake.address() as AddressInfo).port}/v2/`;
});
beforeEach(() => (asked = []));
afterAll(async () => {
  lake.close();
  await api.stop();
});

interface ServiceBody {
  id: string;
  version: number;
  isEnabled: boolean;
  configurations: Record<string, unknown>;
}

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/integrations${path}`, { key: api.operatorKey, body });

let named = 0;
const newService = (over: Record<string, unknown> = {}) => ({
  name: `LAKE_${(named += 1)}`,
  serviceType: 'STORAGE_SERVICE',
  kind: 'HTTP_ENDPOINT',
  configurations: { baseUrl: lakeUrl, authorization: token, testPath: '/ping' },
  ...over,
});

async function make(over: Record<string, unknown> = {}): Promise<ServiceBody> {
  const made = await call('POST', '/services', newService(over));
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return made.body as ServiceBody;
}

test('a service is made with the usual values, its secrets masked', async () => {
  const service = await make({ description: 'Reports' });
  expect(service).toMatchObject({
    object: 'service',
    serviceType: 'STORAGE_SERVICE',
    apiVersion: 'HTTP/1.1',
    description: 'Reports',
    configurations: { baseUrl: lakeUrl, authorization: '********1234', testPath: '/ping' },
    isEnabled: true,
    defaultTimeoutMs: 30_000,
    retryPolicy: { triesMax: 3, firstDelayMs: 1_000, backoffFactor: 2, delayMsMax: 60_000 },
    healthCheckEndpoint: null,
    version: 1,
    managedAt: null,
  });
  expect((await call('GET', `/services/${service.id}`)).body).toEqual(service);
});

test('every wrong field of a configuration is pointed at, and no value is repeated', async () => {
  const refused = await call(
    'POST',
    '/services',
    newService({ configurations: { authorization: 7, testPath: 'ping', accessKey: 'very-secret-value' } }),
  );
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({
    error: {
      code: 'parameter_invalid',
      problems: expect.arrayContaining([
        { param: 'configurations.baseUrl', message: 'wants an http or https address' },
        expect.objectContaining({ param: 'configurations.authorization' }),
        expect.objectContaining({ param: 'configurations.testPath' }),
        { param: 'configurations.accessKey', message: 'HTTP_ENDPOINT has no such field' },
      ]) as unknown,
    },
  });
  expect(refused.text).not.toContain('very-secret-value');
  for (const [over, param] of [
    [{ name: 'with space' }, 'name'],
    [{ serviceType: 'FAX_SERVICE' }, 'serviceType'],
    [{ kind: 'NONESUCH' }, 'kind'],
    [{ defaultTimeoutMs: 0 }, 'defaultTimeoutMs'],
    [{ limits: { perSecond: -1 } }, 'limits.perSecond'],
    [{ configurations: undefined }, 'configurations'],
  ] as const) {
    const reply = await call('POST', '/services', newService(over));
    expect([reply.status, reply.body]).toMatchObject([400, { error: { param } }]);
  }
});

test('a name is taken once, and free again when its service is gone', async () => {
  const { name } = newService();
  const { id } = await make({ name });
  expect((await call('POST', '/services', newService({ name }))).status).toBe(409);
  expect((await call('DELETE', `/services/${id}`)).status).toBe(204);
  expect((await call('GET', `/services/${id}`)).status).toBe(404);
  expect((await call('DELETE', `/services/${id}`)).status).toBe(404);
  await make({ name });
  const left = (await call('GET', `/services/${id}/versions`)).body as { data: { reason: string }[] };
  expect(left.data[0]?.reason).toBe('removed');
});

test('each change is a version with author and reason; what was read can be edited and sent again', async () => {
  const { id, configurations } = await make({ defaultTimeoutMs: 5_000 });
  const changed = await call('PUT', `/services/${id}`, {
    configurations: { ...configurations, testPath: '/other' },
    version: 1,
    reason: 'they moved it',
  });
  expect([changed.status, changed.body]).toMatchObject([
    200,
    { version: 2, configurations: { testPath: '/other', authorization: '********1234' } },
  ]);
  const rotated = await call('PUT', `/services/${id}`, {
    configurations: { ...configurations, authorization: 'Bearer another-token-with-the-end-1234' },
    version: 2,
  });
  expect(rotated.body).toMatchObject({ version: 3 });
  const stale = await call('PUT', `/services/${id}`, { configurations, version: 2 });
  expect([stale.status, stale.body]).toMatchObject([409, { error: { code: 'version_conflict' } }]);

  const versions = (await call('GET', `/services/${id}/versions`)).body as {
    data: { version: number; author: string; reason: string }[];
  };
  expect(versions.data.map(({ version, reason }) => [version, reason])).toEqual([
    [3, ''],
    [2, 'they moved it'],
    [1, ''],
  ]);
  expect(versions.data[0]?.author).toMatch(/^key_[0-9a-f]{32}$/);

  const second = await call('GET', `/services/${id}/versions/2/differences`);
  expect(second.body).toMatchObject({
    fromVersion: 1,
    differences: expect.arrayContaining([
      { field: 'configurations.testPath', before: '/ping', after: '/other', isSecret: false },
      { field: 'defaultTimeoutMs', before: 5_000, after: 30_000, isSecret: false },
    ]) as unknown,
  });
  // Both end alike: only a comparison of what they are sees the difference.
  expect((await call('GET', `/services/${id}/versions/3/differences?with=1`)).body).toMatchObject({
    differences: expect.arrayContaining([
      {
        field: 'configurations.authorization',
        before: '********1234',
        after: '********1234',
        isSecret: true,
      },
    ]) as unknown,
  });
  expect((await call('GET', `/services/${id}/versions/9`)).status).toBe(404);
});

test('a rollback is a new version, secrets and all', async () => {
  const { id } = await make();
  await call('PUT', `/services/${id}`, { configurations: { baseUrl: lakeUrl } });
  expect((await call('POST', `/services/${id}/test-connection`, {})).body).toMatchObject({
    isSuccess: false,
    outcome: 'misconfigured',
    statusCode: 401,
  });
  const back = await call('POST', `/services/${id}/rollback`, { toVersion: 1, reason: 'it was right' });
  expect([back.status, back.body]).toMatchObject([
    200,
    { version: 3, configurations: { authorization: '********1234' } },
  ]);
  expect((await call('POST', `/services/${id}/test-connection`, {})).body).toMatchObject({
    isSuccess: true,
    outcome: 'ok',
    statusCode: 204,
  });
  expect(asked.at(-1)).toEqual({ url: '/v2/ping', authorization: token });
  expect((await call('GET', `/services/${id}/versions/3`)).body).toMatchObject({ rolledBackTo: 1 });
  const none = await call('POST', `/services/${id}/rollback`, { toVersion: 9 });
  expect([none.status, none.body]).toMatchObject([400, { error: { param: 'toVersion' } }]);
});

test('made disabled, tried, enabled: all of it in the list', async () => {
  const { id } = await make({ isEnabled: false, serviceType: 'PUSH_SERVICE' });
  expect((await call('POST', `/services/${id}/test-connection`, {})).body).toMatchObject({ isSuccess: true });
  const ids = async (query: string) =>
    ((await call('GET', `/services?${query}`)).body as { data: ServiceBody[] }).data.map((row) => row.id);
  expect(await ids('type=PUSH_SERVICE&status=enabled')).toEqual([]);
  expect((await call('POST', `/services/${id}/enable`, { reason: 'tried' })).body).toMatchObject({
    isEnabled: true,
    version: 2,
  });
  expect(await ids('type=PUSH_SERVICE&status=enabled')).toEqual([id]);
  expect((await call('POST', `/services/${id}/disable`, {})).body).toMatchObject({ isEnabled: false });
  expect(await ids('type=PUSH_SERVICE&status=disabled')).toEqual([id]);

  const first = (await call('GET', '/services?limit=2')).body as { data: ServiceBody[]; hasMore: boolean };
  expect(first).toMatchObject({ hasMore: true, data: [{}, {}] });
  const rest = await ids(`limit=100&startingAfter=${first.data[1]?.id}`);
  expect(rest).not.toContain(first.data[1]?.id);
});

test('a payment channel is shown among services and changed where channels are', async () => {
  const id = await api.addChannel();
  const listed = (await call('GET', '/services?type=PAYMENT_GATEWAY')).body as { data: ServiceBody[] };
  expect(listed.data).toMatchObject([
    { id, kind: 'KPAY', configurations: { mode: 'test' }, managedAt: `/api/v1/admin/channels/${id}` },
  ]);
  for (const [method, path, body] of [
    ['PUT', `/services/${id}`, { configurations: {} }],
    ['POST', `/services/${id}/disable`, {}],
    ['DELETE', `/services/${id}`, undefined],
    ['POST', '/services', newService({ serviceType: 'PAYMENT_GATEWAY', kind: 'KPAY' })],
  ] as const) {
    const reply = await call(method, path, body);
    expect([reply.status, reply.body]).toMatchObject([409, { error: { code: 'managed_elsewhere' } }]);
  }
});

test('a payment channel shows what its provider grants, and how old its secrets are', async () => {
  const id = await api.addChannel({ channel: 'stripe' });
  const read = async () => (await call('GET', `/services/${id}`)).body;
  expect(await read()).toMatchObject({
    ...{ kind: 'STRIPE', defaultTimeoutMs: 30_000, limits: { perSecond: 100, burst: 200 } },
    ...{ apiVersion: Stripe.API_VERSION, retryPolicy: { triesMax: 3, backoffFactor: 2 } },
    credentials: { ageDays: 0, isDue: false },
  });
  await api.database.query(
    `insert into channel_credentials (channel_config_id, name, salt, fingerprint, since)
     values ($1, 'secretKey', $2, $3, now() - interval '91 days'), ($1, 'webhookSecret', $2, $3, now())`,
    [parsePublicId('channelConfig', id), Buffer.alloc(16), Buffer.alloc(32)],
  );
  expect(await read()).toMatchObject({ credentials: { ageDays: 91, isDue: true } });
});

test('a payment channel is tried by asking it for a charge that can’t exist, enabled or not', async () => {
  const sandbox = await startKpaySandbox();
  const tryOut = async (id: string) => (await call('POST', `/services/${id}/test-connection`, {})).body;
  const make = async (baseUrl: string, apiSecret: string) => {
    const body = {
      ...{ channel: 'kpay', mode: 'test', name: 'KPay', baseUrl, currencies: ['TWD'], isEnabled: false },
      credentials: { ...sandbox.account, apiSecret },
    };
    return (
      (await api.call('POST', '/api/v1/admin/channels', { key: api.operatorKey, body })).body as {
        id: string;
      }
    ).id;
  };
  try {
    const { apiSecret } = sandbox.account;
    expect(await tryOut(await make(sandbox.url, apiSecret))).toMatchObject({
      isSuccess: true,
      outcome: 'ok',
    });
    expect(await tryOut(await make(sandbox.url, 'another-secret-than-theirs'))).toMatchObject({
      ...{ isSuccess: false, outcome: 'misconfigured', code: 'channel_misconfigured' },
    });
    expect(await tryOut(await make('http://127.0.0.1:1', apiSecret))).toMatchObject({
      ...{ isSuccess: false, outcome: 'retryable', code: 'connection_refused' },
    });
    expect(sandbox.book()).toEqual([]);
  } finally {
    await sandbox.close();
  }
});

test('kinds say what they want', async () => {
  const { data } = (await call('GET', '/service-kinds')).body as { data: { kind: string }[] };
  expect(data).toContainEqual(
    expect.objectContaining({
      serviceType: 'STORAGE_SERVICE',
      kind: 'HTTP_ENDPOINT',
      secretFields: ['authorization'],
      configurationSchema: expect.objectContaining({ required: ['baseUrl'] }) as unknown,
    }),
  );
});

test('no secret is in the database, in the log or in an answer', async () => {
  await make();
  const { rows } = await api.database.query<{ row: string }>(
    'select v::text as row from config_versions v union all select s::text from services s',
  );
  expect([...rows.map(({ row }) => row), ...api.logLines].join('\n')).not.toMatch(
    /long-enough|another-token/,
  );
});
