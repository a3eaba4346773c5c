import { startPlatform, anOrder, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

test('what a payment asked of its channel is in the log, and leads back to its workflow', async () => {
  const order = anOrder();
  const payment = await platform.openPayment(order);
  const ask = (path: string) =>
    platform.call('GET', `/api/v1/integrations${path}`, { key: platform.operatorKey });
  const [made] = await until('the call is written', async () => {
    const { data } = (await ask(`/logs?correlationId=${payment.id}`)).body as { data: { id: string }[] };
    return data.length > 0 && data;
  });
  const { body } = await ask(`/logs/${made?.id}`);
  expect(body).toMatchObject({
    serviceType: 'PAYMENT_GATEWAY',
    kind: 'KPAY',
    operation: 'create',
    isSuccess: true,
    statusCode: expect.any(Number) as number,
    correlationId: `${payment.id}-1`,
    workflowId: platform.workflowId(order.orderId),
    requestPayload: expect.stringContaining(`${payment.id}-1`) as string,
    endpoint: `POST ${platform.sandbox.url}/v1/orders`,
  });
  const { rows } = await platform.database.query<{ row: string }>(
    'select c::text as row from integration_calls c',
  );
  const { credentials } = (
    await platform.database.query<{ credentials: Buffer }>('select credentials from channel_configs')
  ).rows[0] ?? { credentials: Buffer.alloc(0) };
  const clear = JSON.parse(
    platform.secretBox.openText(credentials, `channel_configs.credentials/${platform.channelConfigId}`),
  ) as Record<string, string>;
  expect(Object.keys(clear)).toContain('apiSecret');
  for (const secret of Object.values(clear)) {
    expect(rows.map(({ row }) => row).join('\n')).not.toContain(secret);
  }
});
