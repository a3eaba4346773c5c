import { createEagerStart } from '../../../activities/payment/workflow-starter';
import { createRefundStarter } from '../../../activities/refund/workflow-starter';
import { newId } from '../../../db/ids';
import type { Temporal } from '../../../workers/temporal';
import { connectThrough, temporalAddress, uniqueTaskQueue } from '../../support/temporal';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy';

let proxy: TcpProxy;
let temporal: Temporal;

beforeAll(async () => {
  const [host = '', port] = temporalAddress().split(':');
  proxy = await startTcpProxy({ host, port: Number(port) });
  temporal = await connectThrough(proxy.port);
  proxy.cut();
});
afterAll(async () => {
  await temporal.connection.close();
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
  expect(Date.now() - before).toBeLessThan(withinMs + 3_000);
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
  const start = createEagerStart(temporal.client, queues, timings);
  return start({ ...request, paymentId: newId(), createdAt: now, expiresAt: now });
}

function startRefund() {
  const timings = { openWithinMs: 30_000, firstPollMs: 1_000, pollMsMax: 60_000, waitForPaymentMs: 1_000 };
  const database = { query: () => Promise.reject(new Error('a start reads nothing')) };
  const refunds = createRefundStarter({ client: temporal.client, queues, database, timings });
  const ask = { ...of, paymentId: newId(), paymentAmountMinor: '100', reason: 'cold tea', requestHash };
  return refunds.begin(newId(), { ...ask, by: { role: 'merchant', keyId: newId() } });
}
