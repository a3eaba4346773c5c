import { newId } from '../../../db/ids';
import { addAlert } from '../../../db/stores/integration-alerts-store';
import { parsePublicId, publicId } from '../../../domain/ids';
import { startTestApi, type TestApi } from '../../support/api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

test('alerts of services and channels, newest first, by service and kind', async () => {
  const channel = await api.addChannel();
  const service = publicId('service', newId());
  const details = { period: 'day', limit: 1_000 };
  const channelUuid = parsePublicId('channelConfig', channel) ?? '';
  const serviceUuid = parsePublicId('service', service) ?? '';
  await addAlert(api.database, { id: newId(), serviceId: channelUuid, kind: 'limit_near', details });
  await addAlert(api.database, { id: newId(), serviceId: serviceUuid, kind: 'limit_near', details });
  await addAlert(api.database, { id: newId(), serviceId: serviceUuid, kind: 'health_failed', details: {} });

  const list = async (query: string) => {
    const reply = await api.call('GET', `/api/v1/integrations/alerts?${query}`, { key: api.operatorKey });
    expect(reply.status).toBe(200);
    return reply.body as { data: { id: string; serviceId: string; kind: string }[]; hasMore: boolean };
  };
  const everything = await list('');
  expect(everything.data.map(({ serviceId, kind }) => [serviceId, kind])).toEqual([
    [service, 'health_failed'],
    [service, 'limit_near'],
    [channel, 'limit_near'],
  ]);
  const first = await list('limit=1');
  expect(first.hasMore).toBe(true);
  expect((await list(`startingAfter=${first.data[0]?.id}`)).data).toEqual(everything.data.slice(1));
  expect((await list(`service=${channel}`)).data).toMatchObject([{ serviceId: channel, details }]);
  expect((await list(`service=${service}&kind=limit_near`)).data).toHaveLength(1);
});
