import { seedDemo, type SeedOptions } from '../../../dev/seed';
import { channelSandboxes, sandboxedChannels } from '../../../dev/sandboxes/channels';
import { publicId } from '../../../domain/ids';
import { newApiKey } from '../../../security/api-keys';
import { startTestApi, type TestApi } from '../../support/api';

let api: TestApi;
const keys = { apiKey: newApiKey('test').text, operatorKey: newApiKey('admin').text };
const urls = (port: number): SeedOptions['sandboxes'] => {
  const url = `http://127.0.0.1:${port}`;
  return { kpay: url, tpay: url, stripe: url, ecpay: url, postbox: url, rates: url };
};

beforeAll(async () => {
  api = await startTestApi();
  await seed(urls(1));
});
afterAll(() => api?.stop());

const seed = (sandboxes: SeedOptions['sandboxes']) =>
  seedDemo({
    env: {
      DATABASE_URL: api.settings.DATABASE_URL,
      ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
    },
    keys,
    sandboxes,
  });

const ask = (method: string, path: string, body?: object) =>
  api.call(method, `/api/v1/admin/channels/${path}`, { key: keys.operatorKey, body });
const versionsOf = async (id: string) =>
  ((await ask('GET', `${id}/versions`)).body as { data: { version: number; author: string }[] }).data.map(
    ({ version, author }) => [version, author],
  );
const idOf = (name: keyof typeof channelSandboxes) =>
  publicId('channelConfig', channelSandboxes[name].configId);

test.each(sandboxedChannels)(
  'the channel %s has a first version, which can be brought back',
  async (name) => {
    const id = idOf(name);
    expect(await versionsOf(id)).toEqual([[1, 'the demo']]);
    const before = (await ask('GET', id)).body;
    expect((await ask('POST', `${id}/switch`, { to: 'off', reason: 'a try' })).status).toBe(200);
    const back = await ask('POST', `${id}/rollback`, { toVersion: 1, reason: 'enough' });
    expect([back.status, back.body]).toMatchObject([
      200,
      { ...(before as object), version: 3, updatedAt: expect.anything() as unknown },
    ]);
  },
);

test('at the next start it follows its sandbox, and stays otherwise as a person left it', async () => {
  const id = idOf('tpay');
  await ask('POST', `${id}/switch`, { to: 'drain', reason: 'a holiday' });
  const versions = await versionsOf(id);
  await seed(urls(1));
  expect(await versionsOf(id)).toEqual(versions);

  await seed(urls(2));
  expect(await versionsOf(id)).toEqual([[versions.length + 1, 'the demo'], ...versions]);
  expect((await ask('GET', id)).body).toMatchObject({ baseUrl: 'http://127.0.0.1:2', switched: 'drain' });
});

test('a channel from before there were versions gets its first one', async () => {
  const id = channelSandboxes.kpay.configId;
  // As if it had none: versions can't be removed.
  await api.database.query('update channel_configs set version = 0 where id = $1', [id]);
  const before = await versionsOf(idOf('kpay'));
  await seed(urls(2));
  expect(await versionsOf(idOf('kpay'))).toHaveLength(before.length + 1);
  await seed(urls(2));
  expect(await versionsOf(idOf('kpay'))).toHaveLength(before.length + 1);
});
