import { newId } from '../../../db/ids';
import { channelCredentialsAad } from '../../../db/stores/channel-configs-store';
import { parsePublicId, publicId } from '../../../domain/ids';
import { startTestApi, type Reply, type TestApi } from '../../support/api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

const credentials = {
  merchantId: 'M100001',
  apiSecret: 'a-secret-that-is-long-enough-abcd',
  webhookSecret: 'short',
};
const kpay = {
  ...{ channel: 'kpay', mode: 'test', name: 'KPay Taipei', baseUrl: 'https://kpay.example', credentials },
  currencies: ['USD', 'TWD'],
  limits: { USD: { min: '1', max: '500', perDay: '10000.50' } },
};

const ask = (method: string, path: string, body?: object): Promise<Reply> =>
  api.call(method, `/api/v1/admin/${path}`, { key: api.operatorKey, body });
interface Channel {
  id: string;
  version: number;
  credentials: Record<string, string>;
  [field: string]: unknown;
}
const make = async () => (await ask('POST', 'channels', kpay)).body as Channel;

describe('a channel', () => {
  test('is made, shown with its secrets masked, and found again', async () => {
    const made = await ask('POST', 'channels', kpay);
    expect([made.status, made.text]).toEqual([201, expect.not.stringContaining('a-secret-that')]);
    expect(made.body).toMatchObject({
      ...{ object: 'channel', version: 1, name: 'KPay Taipei', switched: 'on', weight: 100, priority: 100 },
      credentials: { merchantId: 'M100001', apiSecret: '********abcd', webhookSecret: '********' },
      limits: { USD: { min: '1.00', max: '500.00', perDay: '10000.50' } },
      health: { isAiling: false, breaker: 'closed', calls: 0 },
    });
    const { id } = made.body as Channel;
    expect((await ask('GET', `channels/${id}`)).body).toEqual(made.body);
    const list = (await ask('GET', 'channels?mode=test&limit=1')).body as { data: Channel[] };
    expect(list.data.map((one) => one.id)).toEqual([id]);
    const { rows } = await api.database.query<{ text: string }>(
      `select c::text || v::text as text from channel_configs c join config_versions v on v.subject_id = c.id`,
    );
    expect(rows.map(({ text }) => text).join()).not.toContain('a-secret-that');
  });

  test.each<[string, object, string]>([
    ['an unknown kind', { channel: 'nopay' }, 'channel'],
    ['a missing credential', { credentials: { ...credentials, apiSecret: '' } }, 'credentials.apiSecret'],
    ['an unknown credential', { credentials: { ...credentials, colour: 'red' } }, 'credentials.colour'],
    [
      'a credential with a blank',
      { credentials: { ...credentials, apiSecret: ' x' } },
      'credentials.apiSecret',
    ],
    ['a currency it does not take', { currencies: ['JPY'], limits: {} }, 'currencies[0]'],
    ['a method it does not offer', { methods: ['crypto'] }, 'methods[0]'],
    ['plain http in live mode', { mode: 'live', baseUrl: 'http://kpay.example' }, 'baseUrl'],
    ['a limit in another currency', { limits: { EUR: { max: '5' } } }, 'limits.EUR'],
    ['limits that exclude each other', { limits: { USD: { min: '5', max: '4' } } }, 'limits.USD.max'],
    [
      'maintenance that ends before it begins',
      { maintenance: [{ from: '2026-03-02T00:00:00Z', until: '2026-03-01T00:00:00Z' }] },
      'maintenance[0].until',
    ],
  ])('is refused with %s, naming the field', async (_what, over, param) => {
    const reply = await ask('POST', 'channels', { ...kpay, ...over });
    expect([reply.status, reply.body]).toMatchObject([400, { error: { param } }]);
    expect(reply.text).not.toContain('a-secret-that');
  });

  test('keys of another mode are refused', async () => {
    const stripe = {
      ...{
        channel: 'stripe',
        mode: 'live',
        name: 'Stripe',
        baseUrl: 'https://api.stripe.com',
        currencies: ['USD'],
      },
      credentials: { secretKey: 'sk_test_abc', webhookSecret: 'whsec_1' },
    };
    const reply = await ask('POST', 'channels', stripe);
    expect([reply.status, reply.body]).toMatchObject([400, { error: { param: 'credentials.secretKey' } }]);
  });

  test('a masked secret that comes back is kept, another one replaces it', async () => {
    const { id, credentials: masked } = await make();
    const { channel: _channel, mode: _mode, ...rest } = kpay;
    const body = {
      ...rest,
      name: 'Renamed',
      credentials: { ...masked, webhookSecret: 'another' },
      version: 1,
    };
    const changed = await ask('PUT', `channels/${id}`, body);
    expect([changed.status, changed.body]).toMatchObject([200, { version: 2, name: 'Renamed' }]);
    const differences = await ask('GET', `channels/${id}/versions/2/differences`);
    expect(differences.body).toMatchObject({
      differences: [
        { field: 'name', before: 'KPay Taipei', after: 'Renamed' },
        { field: 'credentials.webhookSecret', isSecret: true, before: '********', after: '********' },
      ],
    });
    expect((await ask('PUT', `channels/${id}`, body)).body).toMatchObject({
      error: { code: 'version_conflict' },
    });
  });

  test('is switched by hand, which is a version with author and reason, and rolled back', async () => {
    const { id } = await make();
    const off = await ask('POST', `channels/${id}/switch`, { to: 'off', reason: 'they called' });
    expect([off.status, off.body]).toMatchObject([200, { version: 2, switched: 'off' }]);
    const back = await ask('POST', `channels/${id}/rollback`, { toVersion: 1, reason: 'false alarm' });
    expect([back.status, back.body]).toMatchObject([200, { version: 3, switched: 'on' }]);
    const versions = await ask('GET', `channels/${id}/versions`);
    expect(versions.body).toMatchObject({
      data: [
        { version: 3, rolledBackTo: 1, reason: 'false alarm' },
        { version: 2, author: expect.stringMatching(/^key_/) as string, reason: 'switched off: they called' },
        { version: 1 },
      ],
    });
  });

  test('tells the age of its oldest secret, and from 90 days on that it is due', async () => {
    const { id } = await make();
    const ageOf = async () => {
      const one = (await ask('GET', `channels/${id}`)).body as Channel;
      const { data } = (await ask('GET', 'channels?limit=100')).body as { data: Channel[] };
      expect(data.find((listed) => listed.id === id)?.['credentialAge']).toEqual(one['credentialAge']);
      return one['credentialAge'];
    };
    // Until the daily look has seen its secrets they are as old as the channel.
    expect(await ageOf()).toMatchObject({ ageDays: 0, isDue: false });
    await api.database.query(
      `insert into channel_credentials (channel_config_id, name, salt, fingerprint, since)
       select id, k.name, decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'),
         now() - make_interval(days => days)
       from channel_configs, (values ('apiSecret', 89), ('webhookSecret', 3)) as k (name, days) where id = $1`,
      [parsePublicId('channelConfig', id)],
    );
    expect(await ageOf()).toMatchObject({ ageDays: 89, isDue: false });
    await api.database.query("update channel_credentials set since = since - interval '1 day'");
    expect(await ageOf()).toMatchObject({ ageDays: 90, isDue: true });
  });

  /** By a statement, without any version, as the demo's were once. */
  const putThere = async () => {
    const id = newId();
    const credentials = api.secretBox.seal('{}', channelCredentialsAad(id));
    await api.database.query(
      `insert into channel_configs (id, channel, mode, name, base_url, credentials, currencies)
       values ($1, 'kpay', 'test', 'KPay', 'http://127.0.0.1:9', $2, array['USD'])`,
      [id, credentials],
    );
    return publicId('channelConfig', id);
  };

  test('one that was put there otherwise can be switched too', async () => {
    const id = await putThere();
    const off = await ask('POST', `channels/${id}/switch`, { to: 'drain', reason: 'moving house' });
    expect([off.status, off.body]).toMatchObject([200, { version: 1, switched: 'drain' }]);
  });

  test('and changed on the version that it shows', async () => {
    const id = await putThere();
    const read = (await ask('GET', `channels/${id}`)).body as Record<string, unknown>;
    expect(read['version']).toBe(0);
    const { name, baseUrl, currencies, version } = read;
    const credentials = { merchantId: 'M1', apiSecret: 'one-of-ours', webhookSecret: 'one-of-theirs' };
    const change = { name, baseUrl, currencies, credentials, version, priority: 90 };
    const changed = await ask('PUT', `channels/${id}`, change);
    expect([changed.status, changed.body]).toMatchObject([200, { version: 1, priority: 90 }]);
    expect((await ask('PUT', `channels/${id}`, change)).status).toBe(409);
  });
});

describe('routing rules', () => {
  const rules = [
    {
      name: 'large ones',
      when: { currencies: ['USD'], amountFrom: '100.50' },
      then: { prefer: ['tpay'], avoid: ['kpay'] },
    },
  ];

  test('nobody has written any: the usual ones hold', async () => {
    expect((await ask('GET', 'routing/rules?mode=live')).body).toMatchObject({
      version: 0,
      document: { strategy: 'preference', rules: [] },
    });
  });

  test('are written, read, compared and rolled back as versions', async () => {
    const first = await ask('PUT', 'routing/rules', { mode: 'test', version: 0, document: { rules } });
    expect([first.status, first.body]).toMatchObject([200, { version: 1, document: { rules } }]);
    const score = { mode: 'test', version: 1, document: { strategy: 'score' }, reason: 'cheaper' };
    expect((await ask('PUT', 'routing/rules', score)).body).toMatchObject({ version: 2 });
    expect((await ask('PUT', 'routing/rules', score)).status).toBe(409);
    const compared = await ask('GET', 'routing/rules/versions/2/differences?mode=test');
    const { differences } = compared.body as { differences: { field: string }[] };
    expect(differences.map(({ field }) => field)).toContain('strategy');
    const back = await ask('POST', 'routing/rules/rollback', { mode: 'test', toVersion: 1 });
    expect(back.body).toMatchObject({ version: 3, document: { strategy: 'preference', rules } });
    const versions = (await ask('GET', 'routing/rules/versions?mode=test')).body as { data: unknown[] };
    expect(versions.data).toHaveLength(3);
  });

  test.each<[string, object, string]>([
    ['an amount without a currency', { when: { amountFrom: '1' } }, 'document.rules[0].when.amountFrom'],
    ['a channel that can’t be', { then: { only: ['chc_x'] } }, 'document.rules[0].then.only[0]'],
  ])('%s is refused by its name', async (_what, over, param) => {
    const document = { rules: [{ name: 'r', then: {}, ...over }] };
    const reply = await ask('PUT', 'routing/rules', { mode: 'test', document });
    expect([reply.status, reply.body]).toMatchObject([400, { error: { param } }]);
  });
});
