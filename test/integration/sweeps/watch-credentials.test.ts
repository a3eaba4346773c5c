import { createWatchCredentials } from '../../../activities/sweeps/watch-credentials';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { listAlerts } from '../../../db/stores/integration-alerts-store';
import { listCredentialAges } from '../../../db/stores/channel-credentials-store';
import { credentialDays } from '../../../domain/channel/credential-age';
import { publicId } from '../../../domain/ids';
import { createSecretBox } from '../../../security/secret-box';
import { createLog } from '../../../telemetry/log';
import { createMetrics } from '../../../telemetry/metrics';
import { watchCredentialAges } from '../../../workers/credential-metrics';
import { putChannel } from '../../support/channel';
import { freshDatabase } from '../../support/database';
import { channelsOfProduct } from '../channels/product-channels';

const product = channelsOfProduct(createLog({ level: 'silent', process: 'test' }));
const provider = product.registry.provider('stripe')!;
const id = newId();
let database: Database;
let drop: () => Promise<void>;
let credentials: Record<string, string>;
let warned: object[];

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 5_000, name: 'credentials' });
  const secretBox = createSecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
  await putChannel({ database, secretBox }, id, {
    ...{ channel: 'stripe', mode: 'live', name: 'Stripe', baseUrl: 'https://api.stripe.com' },
    ...{ credentials: {}, currencies: ['USD'] },
  });
});
beforeEach(() => {
  credentials = { secretKey: 'sk_live_first', webhookSecret: 'whsec_first', publishableKey: 'pk_live_1' };
  warned = [];
});
afterAll(async () => {
  await database.end();
  await drop();
  await product.close();
});

const look = () =>
  createWatchCredentials({
    database,
    channelOf: () =>
      Promise.resolve({
        provider,
        config: { id, channel: 'stripe', mode: 'live', baseUrl: '', credentials },
      }),
    log: { warn: (line: object) => void warned.push(line) },
  })();
const madeBefore = (days: number) =>
  database.query(`update channel_credentials set since = now() - make_interval(days => $1::int)`, [days]);
const age = async () => {
  const [channel] = await listCredentialAges(database);
  return channel && credentialDays(channel.since, new Date());
};

it('warns of a secret that nobody has changed for 90 days, and not a day before', async () => {
  expect(await look()).toEqual({ due: 0 });
  await madeBefore(89);
  expect(await look()).toEqual({ due: 0 });
  await madeBefore(90);
  expect(await look()).toEqual({ due: 1 });
  const channelConfigId = publicId('channelConfig', id);
  expect(warned).toMatchObject([{ channel: 'stripe', mode: 'live', channelConfigId, days: 90, daysMax: 90 }]);
  expect(JSON.stringify(warned)).not.toMatch(/sk_live|whsec/);
});

it('tells operators once of a secret that is due, and again of another', async () => {
  await look();
  const told = async () => {
    const alerts = await listAlerts(database, { limit: 50, kind: 'credentials_due', serviceId: id });
    return alerts.map(({ details }) => details['days']);
  };
  const before = await told();
  await madeBefore(200);
  await look();
  await look();
  expect(await told()).toEqual([200, ...before]);
  await madeBefore(95);
  await look();
  expect(await told()).toEqual([95, 200, ...before]);
  await madeBefore(80);
  await look();
  expect(await told()).toHaveLength(before.length + 2);
});

it('is satisfied only when each of them was changed; one on its way out does not count', async () => {
  await madeBefore(100);
  credentials.secretKey = 'sk_live_second';
  expect(await look()).toEqual({ due: 1 });
  credentials.previousWebhookSecret = credentials.webhookSecret ?? '';
  credentials.webhookSecret = 'whsec_second';
  expect(await look()).toEqual({ due: 0 });
  expect(await age()).toBe(0);
  expect(await look()).toEqual({ due: 0 });
});

it('keeps nothing that a secret could be read from', async () => {
  await look();
  const { rows } = await database.query<{ row: string }>(
    'select row_to_json(c)::text as row from channel_credentials c order by name',
  );
  expect(rows).toHaveLength(2);
  for (const { row } of rows) expect(row).not.toMatch(/sk_live|whsec|previous/);
});

it('is measured whenever somebody scrapes', async () => {
  await look();
  await madeBefore(12);
  const metrics = createMetrics();
  watchCredentialAges(metrics, database);
  expect(await metrics.registry.metrics()).toContain(
    `durapay_channel_credentials_age_days{channel="stripe",mode="live",config="${publicId('channelConfig', id)}"} 12`,
  );
});
