import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { RefundProgress } from '../../../activities/refund/contracts';
import { newId } from '../../../db/ids';
import type { RefundStatus } from '../../../domain/refund/status';
import { workflowBundle } from '../../../workers/bundle';
import { MainThreadWorker } from '../../../workers/main-thread-worker';
import { refundWorkflowId, signalNames, workflowNames, type RefundInput } from '../../../workflows/contracts';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../../support/temporal';
import { until } from '../../support/until';

const taskQueue = uniqueTaskQueue('refund');
/** Temporal wishes for a new run from then on; it ends a run at 51,200. */
const eventsOfLongHistory = 4_096;

let connection: Connection;
let native: NativeConnection;
let client: Client;
let worker: MainThreadWorker;
let working: Promise<void>;
let channelSays: RefundStatus = 'unknown';

beforeAll(async () => {
  // Core warns of each task that a signal has overtaken.
  const logging = { filter: { core: 'ERROR', other: 'ERROR' }, forward: { level: 'ERROR' } } as const;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
  connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace: temporalNamespace() });
  native = await NativeConnection.connect({ address: temporalAddress() });
  worker = await MainThreadWorker.create({
    connection: native,
    namespace: temporalNamespace(),
    taskQueue,
    workflowBundle: { codePath: await workflowBundle(process.env.WORKFLOW_BUNDLE) },
    activities: {
      reserveRefund: () => Promise.resolve(progress('unknown')),
      queryRefund: () => Promise.resolve(progress(channelSays)),
    },
  });
  working = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await working;
  await native?.close();
  await connection?.close();
});

function progress(status: RefundStatus): RefundProgress {
  return { status, isReserved: true };
}

it('goes on in a new run before its history is too long, with what it knows', async () => {
  const refundId = newId();
  const input: RefundInput = {
    refundId,
    openBy: new Date().toISOString(),
    timings: { firstPollMs: 60_000, pollMsMax: 60_000, waitForPaymentMs: 1 },
  };
  const workflowId = refundWorkflowId(refundId);
  const { firstExecutionRunId } = await client.workflow.start(workflowNames.refund, {
    ...{ workflowId, taskQueue, args: [input] },
  });
  const handle = client.workflow.getHandle(workflowId);
  // Events of a history as days in doubt would make them, and nothing to do for them.
  for (let signals = 0; signals < eventsOfLongHistory; signals += 64) {
    await Promise.all(Array.from({ length: 64 }, () => handle.signal('not for refunds')));
  }
  await handle.signal(signalNames.decided);
  const runId = await until('it is in a new run', async () => {
    const now = await handle.describe();
    return now.runId !== firstExecutionRunId && now.runId;
  });
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const [given] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const continued = JSON.parse(Buffer.from(given?.data ?? []).toString('utf8')) as RefundInput;
  expect(continued).toEqual({ ...input, looks: expect.any(Number) as number });
  expect(continued.looks).toBeGreaterThan(0);
  await until('it is listed as in doubt', async () => {
    const { searchAttributes } = await handle.describe();
    return (searchAttributes as Record<string, string[]>)['Attention']?.includes('unknown');
  });

  channelSays = 'succeeded';
  await handle.signal(signalNames.decided);
  expect(await handle.result()).toEqual({ status: 'succeeded' });
}, 60_000);
