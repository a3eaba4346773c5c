import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { createCallbackMetrics } from '../../../activities/notify/callback-metrics';
import { createCallbackStarter, type CallbackTimings } from '../../../activities/notify/callback-starter';
import { createCallbackTargets } from '../../../activities/notify/callback-target';
import { createDeliverCallback, type DeliverCallback } from '../../../activities/notify/deliver-callback';
import { createSendCallback } from '../../../activities/notify/send-callback';
import { abandonCallback } from '../../../db/stores/callback-store';
import { createCallbackDelivery, type CallbackDelivery } from '../../../integrations/callbacks/deliver';
import { createEndpointGates } from '../../../integrations/callbacks/endpoint-gates';
import { createMetrics } from '../../../telemetry/metrics';
import { workflowBundle } from '../../../workers/bundle';
import { MainThreadWorker } from '../../../workers/main-thread-worker';
import { callbackWorkflowId, type CallbackResult } from '../../../workflows/contracts';
import {
  createOutboxFixture,
  eventually,
  secretBox,
  type OutboxFixture,
} from '../../integration/callbacks/outbox';
import { answers, startReceiver, type Receiver } from '../../integration/callbacks/receiver';
import { createTestRelay } from '../../integration/callbacks/relay';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../../support/temporal';

const quick: CallbackTimings = {
  firstRetryMs: 100,
  retryMsMax: 400,
  retryForMs: 60_000,
  tryTimeoutMs: 1_000,
};
const operations = uniqueTaskQueue('callback');

let fixture: OutboxFixture;
let delivery: CallbackDelivery;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let worker: Worker;
let working: Promise<void>;
let receiver: Receiver;

const nothing = () => Promise.resolve();
/** Runs when a try has delivered and that is on record, before its workflow hears of it. */
let afterDelivery: () => Promise<void> = nothing;
/** Runs when a workflow has ended, before Temporal hears of it. */
let beforeItsEnd: () => Promise<void> = nothing;
const resultWatch = {
  async encode(payloads: Payload[]): Promise<Payload[]> {
    if (payloads.some(({ data }) => data != null && String(Buffer.from(data)) === '{"status":"delivered"}'))
      await beforeItsEnd();
    return payloads;
  },
  decode: (payloads: Payload[]) => Promise.resolve(payloads),
};

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  fixture = await createOutboxFixture();
  const { database } = fixture;
  delivery = createCallbackDelivery({ timeoutMs: quick.tryTimeoutMs, privateRangesAllowed: ['127.0.0.0/8'] });
  connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace: temporalNamespace() });
  native = await NativeConnection.connect({ address: temporalAddress() });
  const deliverCallback = createDeliverCallback({
    database,
    // Nothing is remembered here, so that a changed endpoint counts at once.
    targets: (endpointId) => createCallbackTargets({ database, secretBox })(endpointId),
    gates: createEndpointGates({ concurrencyMax: 4 }),
    send: createSendCallback({ delivery, metrics: createCallbackMetrics(createMetrics()) }),
  });
  worker = await MainThreadWorker.create({
    connection: native,
    namespace: temporalNamespace(),
    taskQueue: operations,
    workflowBundle: { codePath: await workflowBundle(undefined) },
    dataConverter: { payloadCodecs: [resultWatch] },
    activities: {
      async deliverCallback(order: DeliverCallback) {
        const tried = await deliverCallback(order);
        await afterDelivery();
        return tried;
      },
      abandonCallback: (eventId: string) => abandonCallback(database, eventId),
    },
  });
  working = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await working;
  await native.close();
  await connection.close();
  await delivery.close();
  await fixture.drop();
});

beforeEach(async () => (receiver = await startReceiver()));
afterEach(async () => {
  afterDelivery = beforeItsEnd = nothing;
  await receiver.close();
});

const workflows = (timings: Partial<CallbackTimings> = {}) =>
  createCallbackStarter({
    client,
    queues: { payments: 'unused', operations },
    timings: { ...quick, ...timings },
  });

async function handedOver(path: string): Promise<string> {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/${path}` });
  const [id = ''] = await fixture.addEvents(endpointId, 1, 'handed_over');
  return id;
}

const handleOf = (eventId: string): WorkflowHandle => client.workflow.getHandle(callbackWorkflowId(eventId));
const resultOf = (eventId: string) => handleOf(eventId).result() as Promise<CallbackResult>;

test('an endpoint that fails and then recovers gets its event, each try on record and signed anew', async () => {
  receiver.behave((response) => answers.status(receiver.received.length < 4 ? 500 : 200)(response));
  const id = await handedOver('recovers');
  await workflows({ firstRetryMs: 600, retryMsMax: 300 }).start(id);
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  expect(await fixture.statusOf(id)).toBe('delivered');
  expect((await fixture.triesOf(id)).map(({ no, code }) => [no, code])).toEqual([
    [1, 500],
    [2, 500],
    [3, 500],
    [4, 200],
  ]);
  const { received } = receiver;
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  expect(new Set(received.map(({ headers }) => headers['durapay-event-id'])).size).toBe(1);
  const times = received.map(({ headers }) => /t=(\d+)/.exec(String(headers['durapay-signature']))?.[1]);
  expect(new Set(times).size).toBeGreaterThan(1);
});

test('is abandoned when its period is over, and says why', async () => {
  receiver.behave(answers.status(410, 'gone'));
  const id = await handedOver('never');
  // The third try would begin after 3 s: the period ends long after the second one, on a busy machine too.
  await workflows({ firstRetryMs: 1_000, retryMsMax: 60_000, retryForMs: 2_900 }).start(id);
  const result = await resultOf(id);
  expect(result).toMatchObject({ status: 'abandoned', reason: expect.stringContaining('410') as string });
  expect(await fixture.statusOf(id)).toBe('abandoned');
  const tries = await fixture.triesOf(id);
  expect(tries.length).toBeGreaterThanOrEqual(2);
  expect(tries.map(({ no }) => no)).toEqual(tries.map((_, i) => i + 1));
});

test('a finished one can be sent again by hand', async () => {
  receiver.behave(answers.status(500));
  const id = await handedOver('by-hand');
  const { start, resend } = workflows({ retryForMs: 500 });
  await start(id);
  await expect(resultOf(id)).resolves.toMatchObject({ status: 'abandoned' });
  const triesBefore = (await fixture.triesOf(id)).length;
  receiver.behave(answers.ok);
  await resend(id);
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  expect(await fixture.triesOf(id)).toHaveLength(triesBefore + 1);
});

test('one that the relay delivered can be sent again by hand, at once', async () => {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/again` });
  const [id = ''] = await fixture.addEvents(endpointId, 1, 'delivered');
  await workflows({ firstRetryMs: 60_000 }).resend(id);
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  expect(receiver.received).toHaveLength(1);
});

test('a resend does not wait for the pause between tries', async () => {
  receiver.behave(answers.status(500));
  const id = await handedOver('impatient');
  const { start, resend } = workflows({ firstRetryMs: 60_000, retryMsMax: 60_000, retryForMs: 3_600_000 });
  await start(id);
  await resend(id);
  await eventually('the first resend', () => receiver.received.length === 1);
  // Now it is the activity that waits for its next try.
  receiver.behave(answers.ok);
  await resend(id);
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  expect(receiver.received).toHaveLength(2);
});

describe('a resend just after the delivery is sent as well:', () => {
  test('the list says so, and the workflow has not heard of it', async () => {
    const id = await handedOver('just-delivered');
    const { start, resend } = workflows();
    afterDelivery = async () => {
      afterDelivery = nothing;
      expect(await fixture.statusOf(id)).toBe('delivered');
      await resend(id);
    };
    await start(id);
    await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
    expect((await fixture.triesOf(id)).map(({ no, code }) => [no, code])).toEqual([
      [1, 200],
      [2, 200],
    ]);
  });

  test('the workflow has ended, and Temporal has not heard of it', async () => {
    const id = await handedOver('just-ended');
    const { start, resend } = workflows();
    beforeItsEnd = async () => {
      beforeItsEnd = nothing;
      await resend(id);
    };
    await start(id);
    await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
    expect(receiver.received).toHaveLength(2);
  });
});

test('a second start of the same callback is not a second workflow', async () => {
  receiver.behave(answers.status(500));
  const id = await handedOver('twice');
  const { start } = workflows({ firstRetryMs: 60_000 });
  await start(id);
  const { runId } = await handleOf(id).describe();
  await start(id);
  expect((await handleOf(id).describe()).runId).toBe(runId);
  await handleOf(id).terminate();
});

test('one that was terminated can be started again: the relay still holds its row', async () => {
  receiver.behave(answers.status(500));
  const id = await handedOver('terminated');
  await workflows({ firstRetryMs: 60_000 }).start(id);
  await handleOf(id).terminate();
  receiver.behave(answers.ok);
  await workflows().start(id);
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
});

test('what the relay got through after all is not sent again', async () => {
  const id = await handedOver('meanwhile');
  await fixture.database.query(`update outbox set status = 'delivered' where id = $1`, [id]);
  await workflows().start(id);
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  expect(receiver.received).toHaveLength(0);
});

test('switching the endpoint off ends the tries', async () => {
  receiver.behave(answers.status(500));
  const id = await handedOver('off');
  await workflows().start(id);
  await eventually('a first try', () => receiver.received.length > 0);
  await fixture.database.query(
    'update webhook_endpoints set is_enabled = false where id = (select endpoint_id from outbox where id = $1)',
    [id],
  );
  await expect(resultOf(id)).resolves.toEqual({
    status: 'abandoned',
    reason: 'The endpoint is switched off.',
  });
});

test('after a rotation the tries are signed with both secrets', async () => {
  receiver.behave(answers.status(500));
  const id = await handedOver('rotated');
  await workflows().start(id);
  await eventually('a first try', () => receiver.received.length > 0);
  const { rows } = await fixture.database.query<{ endpoint_id: string }>(
    'select endpoint_id from outbox where id = $1',
    [id],
  );
  const endpointId = rows[0]?.endpoint_id ?? '';
  await fixture.rotateSecret(endpointId, 'whsec_new');
  receiver.behave(answers.ok);
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  const signatures = receiver.received.map(
    ({ headers }) => String(headers['durapay-signature']).split(',').length - 1,
  );
  expect([signatures.at(0), signatures.at(-1)]).toEqual([1, 2]);
});

test('cancelled by an operator it counts as abandoned', async () => {
  const id = await handedOver('cancelled');
  await workflows({ firstRetryMs: 60_000 }).start(id);
  await handleOf(id).cancel();
  await expect(resultOf(id)).rejects.toThrow('Workflow execution cancelled');
  expect(await fixture.statusOf(id)).toBe('abandoned');
});

test('an event that is no longer kept is abandoned without a try', async () => {
  const id = await handedOver('old');
  await fixture.forget(id);
  await workflows().start(id);
  await expect(resultOf(id)).resolves.toEqual({
    status: 'abandoned',
    reason: 'The event is no longer kept.',
  });
  expect(receiver.received).toHaveLength(0);
});

test('from the outbox to the merchant that was away: relay, workflow and record together', async () => {
  receiver.behave((response) => answers.status(receiver.received.length < 3 ? 503 : 200)(response));
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/whole` });
  const [id = ''] = await fixture.addEvents(endpointId);
  const { relay, stop } = createTestRelay({
    database: fixture.database,
    startCallbackWorkflow: workflows().start,
  });
  relay.start();
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  await expect(resultOf(id)).resolves.toEqual({ status: 'delivered' });
  expect((await fixture.triesOf(id)).map(({ no, code }) => [no, code])).toEqual([
    [1, 503],
    [2, 503],
    [3, 200],
  ]);
  await stop();
});
