import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createEagerStart } from '../../../activities/payment/workflow-starter';
import { createRefundStarter } from '../../../activities/refund/workflow-starter';
import { newId } from '../../../db/ids';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../../support/temporal';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy';

let proxy: TcpProxy;
let connection: NativeConnection;
let client: Client;

beforeAll(async () => {
  const [host = '', port] = temporalAddress().split(':');
  proxy = await startTcpProxy({ host, port: Number(port) });
  connection = await NativeConnection.connect({ address: `127.0.0.1:${proxy.port}` });
  client = new Client({ connection, namespace: temporalNamespace() });
  proxy.cut();
});
afterAll(async () => {
  await connection.close();
  await proxy.close();
});

const queues = { payments: uniqueTaskQueue(), operations: uniqueTaskQueue() };
const requestHash = '00'.repeat(32);
const of = { merchantId: newId(), mode: 'test', currency: 'USD' } as const;

test.each([
  ['payment', () => startPayment(), 1_000],
  ['refund', () => startRefund(), 4_000],
])('where nobody listens, who starts a %s hears of it in time', async (_, start, withinMs) => {
  const before = Date.now();
  await expect(start()).rejects.toThrow();
  expect(Date.now() - before).toBeLessThan(withinMs + 1_000);
});

function startPayment() {
  const timings = { openWithinMs: 30_000, firstPollMs: 1_000, pollMsMax: 60_000, startTimeoutMs: 1_000 };
  const now = new Date().toISOString();
  const request = {
    ...of,
    orderId: 'tea',
    amountMinor: '100',
    description: 'Tea',
    metadata: {},
    requestHash,
  };
  const start = createEagerStart(client, queues, timings);
  return start({ ...request, paymentId: newId(), createdAt: now, expiresAt: now });
}

function startRefund() {
  const timings = { openWithinMs: 30_000, firstPollMs: 1_000, pollMsMax: 60_000, waitForPaymentMs: 1_000 };
  const database = { query: () => Promise.reject(new Error('a start reads nothing')) };
  const refunds = createRefundStarter({ client, queues, database, timings });
  const ask = { ...of, paymentId: newId(), paymentAmountMinor: '100', reason: 'cold tea', requestHash };
  return refunds.begin(newId(), { ...ask, by: { role: 'merchant', keyId: newId() } });
}
