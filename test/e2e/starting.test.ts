import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { startApi } from '../../api/server';
import { loadSettings } from '../../config/settings';
import { compiledSources } from '../../dev/stack/compiled';
import { freePorts } from '../../dev/stack/ports';
import type { RunningProcess } from '../../workers/run-process';
import { startWorker } from '../../workers/worker';
import { call } from '../support/api';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { startTcpProxy } from '../support/tcp-proxy';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../support/temporal';
import { until } from '../support/until';

let database: FreshDatabase;
const running: RunningProcess[] = [];
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  for (const process of running.splice(0)) await process.stop();
});
afterAll(() => database.drop());

async function settingsWith(more: NodeJS.ProcessEnv) {
  const env = await environmentWith(more);
  const url = (port = '') => `http://127.0.0.1:${port}`;
  return { settings: loadSettings(env), api: url(env.API_PORT), worker: url(env.WORKER_METRICS_PORT) };
}

async function environmentWith(more: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const [api, worker] = await freePorts(2);
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    API_PORT: String(api),
    WORKER_METRICS_PORT: String(worker),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: temporalNamespace(),
    TASK_QUEUE_PREFIX: `${uniqueTaskQueue('starting')}-`,
    ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
    WORKFLOW_BUNDLE: process.env.WORKFLOW_BUNDLE,
    ...more,
  };
}

const started = async <Started extends RunningProcess>(start: Promise<Started>): Promise<Started> => {
  const process = await start;
  running.push(process);
  return process;
};

it('the API alone makes the namespace that is not there, and is ready', async () => {
  const { settings, api } = await settingsWith({ TEMPORAL_NAMESPACE: `alone-${randomUUID()}` });
  await started(startApi(settings));
  expect((await call(api, 'GET', '/readyz')).body).toMatchObject({ status: 'ready' });
});

it('while Temporal is away, API and worker wait, say so, take nothing, and go on when it comes', async () => {
  const [host = '', port] = temporalAddress().split(':');
  const proxy = await startTcpProxy({ host, port: Number(port) });
  proxy.cut();
  const away = await settingsWith({ TEMPORAL_ADDRESS: `127.0.0.1:${proxy.port}` });
  const both = Promise.all([started(startApi(away.settings)), started(startWorker(away.settings))]);
  for (const url of [away.api, away.worker]) {
    const waiting = await until('it says what it waits for', async () => {
      const reply = await call(url, 'GET', '/readyz');
      return reply.text.includes('waits for Temporal') && reply;
    });
    expect([waiting.status, waiting.body]).toEqual([
      503,
      { status: 'not_ready', checks: { start: { ok: false, message: 'waits for Temporal' } }, warnings: [] },
    ]);
    expect((await call(url, 'GET', '/healthz')).body).toEqual({ status: 'ok' });
  }
  const refused = await call(away.api, 'POST', '/api/v1/payments', { body: { orderId: 'early' } });
  expect([refused.status, refused.headers.get('retry-after'), refused.body]).toMatchObject([
    503,
    '2',
    { error: { code: 'temporal_unavailable' } },
  ]);

  proxy.resume();
  try {
    await both;
    for (const url of [away.api, away.worker]) {
      expect((await call(url, 'GET', '/readyz')).body).toMatchObject({
        status: 'ready',
        checks: { database: { ok: true }, migrations: { ok: true }, temporal: { ok: true } },
      });
    }
    expect((await call(away.worker, 'GET', '/metrics')).text).toContain('durapay_database_connections');
    expect((await call(away.worker, 'GET', '/api/v1/payments')).status).toBe(404);
    for (const process of running.splice(0)) await process.stop();
  } finally {
    await proxy.close();
  }
});

it('without the database they start, and are not ready', async () => {
  const { settings, ...urls } = await settingsWith({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/none' });
  await Promise.all([started(startApi(settings)), started(startWorker(settings))]);
  for (const url of [urls.api, urls.worker]) {
    const reply = await call(url, 'GET', '/readyz');
    expect([reply.status, reply.body]).toMatchObject([
      503,
      { status: 'not_ready', checks: { database: { ok: false }, temporal: { ok: true } } },
    ]);
    expect(reply.text).not.toContain('secret');
  }
});

it('a Temporal that does not come is given up after the time for it, by its setting', async () => {
  const { settings, api } = await settingsWith({ TEMPORAL_ADDRESS: '127.0.0.1:1', START_WAIT_MS: '1500' });
  await expect(startApi(settings)).rejects.toThrow(
    /^Waited 2 s \(START_WAIT_MS\) for Temporal at 127\.0\.0\.1:1 \(TEMPORAL_ADDRESS\): /,
  );
  await expect(fetch(`${api}/healthz`)).rejects.toThrow();
});

it.each(['api/server', 'workers/worker'])(
  '%s that is stopped while it waits says so, and ends as if it had worked',
  async (entry) => {
    const env = { ...process.env, ...(await environmentWith({ TEMPORAL_ADDRESS: '127.0.0.1:1' })) };
    const child = spawn(process.execPath, [path.join(await compiledSources(), `${entry}.js`)], { env });
    let log = '';
    child.stdout.on('data', (data: Buffer) => (log += data.toString()));
    const port = entry === 'api/server' ? env.API_PORT : env.WORKER_METRICS_PORT;
    await until('it waits', async () => {
      const reply = await call(`http://127.0.0.1:${port}`, 'GET', '/readyz').catch(() => undefined);
      return reply?.text.includes('waits for Temporal');
    });
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(log).toMatch(/"reason":"SIGTERM".*"stopped"/);
  },
);

it('a taken port is named with the setting that moves it, before anything is waited for', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  const ports = { API_PORT: String(port), WORKER_METRICS_PORT: String(port) };
  const { settings } = await settingsWith({ ...ports, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  const told = (setting: string) =>
    `Port ${port} on 127.0.0.1 is in use by another process: end that, or set ${setting} to another port.`;
  await expect(startApi(settings)).rejects.toThrow(told('API_PORT'));
  await expect(startWorker(settings)).rejects.toThrow(told('WORKER_METRICS_PORT'));
  holder.close();
});
