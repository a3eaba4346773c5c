import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parsePublicId, publicId } from '../../domain/ids';
import { startPlatform, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let lake: Server;
let isWell = true;

beforeAll(async () => {
  lake = createServer((_request, response) => {
    response.statusCode = isWell ? 200 : 500;
    response.end();
  });
  await new Promise<void>((resolve) => lake.listen(0, '127.0.0.1', resolve));
  platform = await startPlatform();
});
afterAll(async () => {
  lake.closeAllConnections();
  lake.close();
  await platform.close();
});

const call = (method: string, path: string, body?: unknown) =>
  platform.call(method, `/api/v1/integrations${path}`, { key: platform.operatorKey, body });

interface ServiceBody {
  id: string;
  health: { status: string; checkedAt: string; message: string | null } | null;
}

async function checked(id: string): Promise<ServiceBody['health']> {
  const read = async () => (await call('GET', `/services/${id}`)).body as ServiceBody;
  const before = (await read()).health?.checkedAt;
  await platform.database.query('delete from integration_calls');
  await platform.sweep('integrations');
  const health = await until('it was looked at', async () => {
    const { health } = await read();
    return health !== null && health.checkedAt !== before && health;
  });
  // Written after the fact; were it still on its way, the next check would take it for an answer of its own time.
  await until('the record of that call is written', async () => {
    const { rowCount } = await platform.database.query(
      'select from integration_calls where service_id = $1 limit 1',
      [parsePublicId('service', id)],
    );
    return rowCount === 1;
  });
  return health;
}

test('a schedule finds out how services and channels are; falling ill and getting well are alerts', async () => {
  const baseUrl = `http://127.0.0.1:${(lake.address() as AddressInfo).port}`;
  const made = await call('POST', '/services', {
    name: 'LAKE',
    serviceType: 'STORAGE_SERVICE',
    kind: 'HTTP_ENDPOINT',
    configurations: { baseUrl },
    healthCheckEndpoint: `${baseUrl}/health`,
  });
  const { id } = made.body as ServiceBody;
  expect(await checked(id)).toMatchObject({ status: 'healthy', message: null });
  const channel = publicId('channelConfig', platform.channelConfigId);
  expect((await call('GET', `/services/${channel}`)).body).toMatchObject({ health: { status: 'healthy' } });

  isWell = false;
  expect(await checked(id)).toMatchObject({ status: 'healthy' });
  expect(await checked(id)).toMatchObject({
    status: 'unhealthy',
    message: expect.stringContaining('500') as string,
  });
  isWell = true;
  expect(await checked(id)).toMatchObject({ status: 'healthy', message: null });

  const { data } = (await call('GET', `/alerts?service=${id}`)).body as { data: { kind: string }[] };
  expect(data).toMatchObject([
    { kind: 'health_recovered', details: { name: 'LAKE' } },
    { kind: 'health_failed', details: { name: 'LAKE' } },
  ]);
});

test('who has answered a call meanwhile is not asked', async () => {
  await platform.openPayment();
  const log = async () =>
    ((await call('GET', '/logs?limit=100')).body as { data: { operation: string }[] }).data.map(
      (row) => row.operation,
    );
  await until('the call is written', async () => (await log()).includes('create'));
  const queries = async () => (await log()).filter((operation) => operation === 'query').length;
  const asked = await queries();
  const channel = publicId('channelConfig', platform.channelConfigId);
  const before = ((await call('GET', `/services/${channel}`)).body as ServiceBody).health?.checkedAt;
  await platform.sweep('integrations');
  await until('it was looked at', async () => {
    const { health } = (await call('GET', `/services/${channel}`)).body as ServiceBody;
    return health !== null && health.checkedAt !== before && health.status === 'healthy';
  });
  // Longer than a record of a call waits to be written.
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await queries()).toBe(asked);
});
