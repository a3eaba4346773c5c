import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { loadSettings, loadSomeSettings, settingsSchema, SettingsError } from '../../../config/settings';
import { compose, composeText, composeVariables, environmentOf, root } from './compose-file';

const { postgres, migrate, worker, api } = compose.services;
const settings = Object.keys(settingsSchema.shape);
/** Set by the image, or the owner's alone. */
const notPassedOn = ['WORKFLOW_BUNDLE', 'DATABASE_OWNER_URL'];

const dotEnv = {
  API_PUBLIC_URL: 'https://pay.example.com',
  ENCRYPTION_KEYS: `first:${randomBytes(32).toString('base64')}`,
  POSTGRES_PASSWORD: 'p1',
  DURAPAY_OWNER_PASSWORD: 'p2',
  DURAPAY_APP_PASSWORD: 'p3',
  TEMPORAL_DB_PASSWORD: 'p4',
};

test('PostgreSQL, Temporal with its UI, migrations, worker and API', () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    ['api', 'migrate', 'postgres', 'temporal', 'temporal-schema', 'temporal-ui', 'worker'].sort(),
  );
});

test.each([
  ['api', api],
  ['worker', worker],
])('%s is given every setting and nothing else', (_, service) => {
  const given = Object.keys(service?.environment ?? {});
  expect(given.sort()).toEqual(settings.filter((name) => !notPassedOn.includes(name)).sort());
});

test('with .env filled in, every process accepts its settings', () => {
  for (const service of [api, worker]) {
    const loaded = loadSettings(environmentOf(service ?? {}, dotEnv));
    expect(loaded).toMatchObject({ DATABASE_URL: 'postgres://durapay_app:p3@postgres:5432/durapay' });
  }
});

test('migrations and `operator-key`, which runs beside them, know where the database is, and no key', () => {
  const given = environmentOf(migrate ?? {}, { ...dotEnv, DATABASE_STATEMENT_TIMEOUT_MS: '9' });
  expect(loadSomeSettings(Object.keys(given) as (keyof typeof settingsSchema.shape)[], given)).toEqual({
    DATABASE_URL: 'postgres://durapay_app:p3@postgres:5432/durapay',
    DATABASE_OWNER_URL: 'postgres://durapay_owner:p2@postgres:5432/durapay',
    DATABASE_STATEMENT_TIMEOUT_MS: 9,
  });
});

test('what is set in .env reaches the processes', () => {
  const loaded = loadSettings(
    environmentOf(api ?? {}, { ...dotEnv, LOG_LEVEL: 'debug', OUTBOX_POLL_MS: '9' }),
  );
  expect(loaded).toMatchObject({ LOG_LEVEL: 'debug', OUTBOX_POLL_MS: 9 });
  const wrong = environmentOf(api ?? {}, { ...dotEnv, OUTBOX_POLL_MS: 'soon' });
  expect(() => loadSettings(wrong)).toThrow(SettingsError);
});

test.each(Object.keys(dotEnv))('without %s nothing starts', (name) => {
  const without = { ...dotEnv, [name]: '' };
  const start = () => Object.values(compose.services).map((service) => environmentOf(service, without));
  expect(start).toThrow(`${name} is not set`);
});

test('secrets have no default and stand nowhere in the file', () => {
  const secret = /(PASSWORD|_PWD|KEYS?|TOKEN)$/;
  for (const name of [...composeVariables].filter((variable) => secret.test(variable))) {
    expect(composeText).not.toContain(`\${${name}:-`);
  }
  const written = Object.values(compose.services)
    .flatMap((service) => Object.entries(service.environment ?? {}))
    .filter(([name]) => secret.test(name))
    .map(([, value]) => value);
  expect(written.filter((value) => value !== null && !/^\$\{[A-Z_]+:\?/.test(String(value)))).toEqual([]);
});

test('only migrations know the owner, only PostgreSQL its superuser', () => {
  const knows = (part: string) =>
    Object.entries(compose.services)
      .filter(([, service]) => JSON.stringify(service.environment ?? {}).includes(part))
      .map(([name]) => name);
  expect(knows('DURAPAY_OWNER_PASSWORD').sort()).toEqual(['migrate', 'postgres']);
  expect(knows('POSTGRES_PASSWORD')).toEqual(['postgres']);
});

test('commands name files that the build makes, mounts name files that exist', () => {
  for (const service of [migrate, worker]) {
    const [program, ...rest] = service?.command ?? [];
    expect(program).toBe('node');
    const files = rest.filter((argument) => argument.endsWith('.js'));
    expect(files).not.toEqual([]);
    for (const file of files)
      expect(existsSync(path.join(root, file.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '.ts')))).toBe(
        true,
      );
  }
  const mounted = Object.values(compose.services).flatMap((service) => service.volumes ?? []);
  const files = mounted.map((mount) => mount.split(':')[0] ?? '').filter((source) => source.startsWith('./'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(existsSync(path.join(root, file))).toBe(true);
});

test('data is kept in a named volume, and ports are open on this machine only', () => {
  expect(postgres?.volumes?.some((mount) => mount.startsWith('postgres-data:'))).toBe(true);
  expect(Object.keys(compose.volumes)).toEqual(['postgres-data']);
  const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('who is waited for healthy has a health check', () => {
  for (const service of Object.values(compose.services)) {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const awaited = compose.services[name];
      expect(awaited).toBeDefined();
      if (condition === 'service_healthy') expect(awaited?.healthcheck?.test.length).toBeGreaterThan(1);
    }
  }
});

test.each([
  ['api', api, 'API_PORT'],
  ['worker', worker, 'WORKER_METRICS_PORT'],
])('whether %s is ready is asked at its own port, with what the image has', (_, service, port) => {
  const { test: asked = [], interval, timeout } = service?.healthcheck ?? {};
  expect(asked.slice(0, 3)).toEqual(['CMD', 'node', '-e']);
  expect(asked[3]).toContain(`fetch('http://127.0.0.1:${service?.environment?.[port]}/readyz')`);
  expect(() => new Script(asked[3] ?? '')).not.toThrow();
  expect([interval, timeout]).toEqual(['5s', '5s']);
});

test('the image is built on Node 24, runs without root, and starts with the bundle', () => {
  const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
  const stages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(stages.length).toBeGreaterThan(1);
  for (const image of stages) expect(image).toMatch(/^node:24-/);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toContain('npm run build');
  expect(dockerfile).toMatch(/WORKFLOW_BUNDLE=\/app\/dist\/workers\/workflows\.js/);
  const ignored = readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['.env', '.git', '.durapay', 'node_modules']));
});
