import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../../db/ids';
import { createPool } from '../../../db/pool';
import { addIntegrationCalls, dropOldCallMonths } from '../../../db/stores/integration-calls-store';
import { freshDatabase } from '../../support/database';
import { startTestApi, type TestApi } from '../../support/api';
import { until } from '../../support/until';

const token = 'Bearer a-token-that-is-long-enough-to-be-seen';
let api: TestApi;
let provider: Server;
let answer: { status: number; body: string };

beforeAll(async () => {
  api = await startTestApi();
  provider = createServer((_request, response) => {
    response.statusCode = answer.status;
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await api.stop();
});

interface CallBody {
  id: string;
  outcome: string;
  requestedAt: string;
}

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/integrations${path}`, { key: api.operatorKey, body });

async function list(query: string): Promise<{ data: CallBody[]; hasMore: boolean }> {
  const reply = await call('GET', `/logs?${query}`);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return reply.body as { data: CallBody[]; hasMore: boolean };
}

test('each call is in the log, redacted, found by service, time and status, and reckoned in the metrics', async () => {
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const made = await call('POST', '/services', {
    name: 'LAKE',
    serviceType: 'STORAGE_SERVICE',
    kind: 'HTTP_ENDPOINT',
    configurations: { baseUrl, authorization: token, testPath: '/ping?token=abc' },
  });
  const { id } = made.body as { id: string };
  for (const told of [
    { status: 200, body: '{"buckets":3,"secret":"x"}' },
    { status: 401, body: `{"message":"no such key: ${token}"}` },
    { status: 500, body: '<html>' },
  ]) {
    answer = told;
    await call('POST', `/services/${id}/test-connection`, {});
  }
  await until('the calls are written', async () => (await list(`service=${id}`)).data.length === 3);
  const { data } = await list(`service=${id}`);
  expect(data.map(({ outcome }) => outcome)).toEqual(['unknown', 'misconfigured', 'ok']);
  expect(data[2]).toMatchObject({
    object: 'integration_call',
    serviceId: id,
    serviceType: 'STORAGE_SERVICE',
    kind: 'HTTP_ENDPOINT',
    operation: 'test',
    endpoint: `GET ${baseUrl}/ping?token=[redacted]`,
    statusCode: 200,
    isSuccess: true,
    errorMessage: null,
  });
  const whole = await call('GET', `/logs/${data[2]?.id}`);
  expect(whole.body).toMatchObject({
    requestPayload: null,
    responsePayload: '{"buckets":3,"secret":"[redacted]"}',
    workflowId: null,
  });
  expect((await call('GET', `/logs/${data[1]?.id}`)).body).toMatchObject({
    responsePayload: '{"message":"no such key: [redacted]"}',
  });

  expect((await list(`service=${id}&status=failure`)).data).toHaveLength(2);
  expect((await list(`service=${id}&status=success`)).data).toHaveLength(1);
  expect((await list(`service=${id}&status=misconfigured`)).data).toHaveLength(1);
  const first = await list(`service=${id}&limit=2`);
  expect([first.data.length, first.hasMore]).toEqual([2, true]);
  expect((await list(`service=${id}&startingAfter=${first.data[1]?.id}`)).data).toEqual([data[2]]);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect((await list(`service=${id}&from=${later}`)).data).toEqual([]);
  expect((await list(`service=${id}&until=${data[2]?.requestedAt}`)).data).toEqual([]);
  expect((await call('GET', '/logs?status=maybe')).status).toBe(400);
  expect((await call('GET', '/logs/log_00000000000070008000000000000000')).status).toBe(404);

  const metrics = await call('GET', `/services/${id}/metrics`);
  expect(metrics.body).toMatchObject({
    serviceId: id,
    windows: [
      { window: '5m', count: 3, isComplete: true, failed: 2, p50Ms: expect.any(Number) as number },
      {},
      {},
    ],
  });
  const [{ successRate }] = (metrics.body as { windows: [{ successRate: number }] }).windows;
  expect(successRate).toBeCloseTo(1 / 3);
  const quiet = await api.addChannel();
  expect((await call('GET', `/services/${quiet}/metrics`)).body).toMatchObject({
    serviceId: quiet,
    windows: [{ count: 0, successRate: null, p99Ms: null }, {}, {}],
  });
});

test('a batch is written whatever a provider answered', async () => {
  const serviceId = newId();
  const broken = { requestPayload: 'a\u0000b', responsePayload: '\ud800"\\u0000', errorMessage: "'); drop" };
  await addIntegrationCalls(api.database, [
    {
      ...broken,
      ...{ serviceId, serviceType: 'PAYMENT_GATEWAY', kind: 'KPAY', operation: 'create', statusCode: 200 },
      ...{
        requestedAtMs: Date.now() - 5,
        durationMs: 5,
        endpoint: null,
        outcome: 'ok',
        correlationId: 'sweep/1',
      },
    },
  ]);
  const { data } = await list(`correlationId=sweep/1`);
  expect((await call('GET', `/logs/${data[0]?.id}`)).body).toMatchObject({
    requestPayload: 'a\ufffdb',
    responsePayload: '\ufffd"\\u0000',
    workflowId: 'sweep/1',
  });
});

test('whole months past their time are dropped, the youngest stays', async () => {
  const fresh = await freshDatabase();
  const owner = createPool({ url: fresh.ownerUrl, size: 1, statementTimeoutMs: 5_000, name: 'test-owner' });
  const database = createPool({ url: fresh.url, size: 1, statementTimeoutMs: 5_000, name: 'test' });
  try {
    for (const [month, next] of [
      ['2020-01-01', '2020-02-01'],
      ['2020-02-01', '2020-03-01'],
    ]) {
      const name = `integration_calls_${month?.slice(0, 7).replace('-', '')}`;
      await owner.query(
        `create table ${name} partition of integration_calls
         for values from ('${await edge(month)}') to ('${await edge(next)}')`,
      );
    }
    expect(await dropOldCallMonths(database, 90)).toBe(2);
    expect(await dropOldCallMonths(database, 1)).toBe(0);
    await expect(dropOldCallMonths(database, 0)).rejects.toThrow('a day at least');
    await expect(database.query('delete from integration_calls')).rejects.toThrow('permission denied');
  } finally {
    await Promise.all([owner.end(), database.end()]);
    await fresh.drop();
  }

  async function edge(day = ''): Promise<string> {
    const { rows } = await owner.query<{ id: string }>('select uuid_at($1::timestamptz)::text as id', [
      `${day}T00:00:00Z`,
    ]);
    return rows[0]?.id ?? '';
  }
});
