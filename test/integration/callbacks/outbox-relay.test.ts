import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createHmac } from 'node:crypto';
import { publicId } from '../../../domain/ids';
import { createOutboxFixture, eventually, type OutboxFixture } from './outbox';
import { answers, startReceiver, type Receiver } from './receiver';
import { createTestRelay, type RelayUnderTest } from './relay';

let fixture: OutboxFixture;
let receiver: Receiver;
let relays: RelayUnderTest[] = [];

beforeAll(async () => (fixture = await createOutboxFixture()));
afterAll(() => fixture.drop());

beforeEach(async () => {
  await fixture.database.query(`update outbox set status = 'abandoned' where status <> 'abandoned'`);
  receiver = await startReceiver();
});

afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  relays = [];
  await receiver.close();
});

function relayWith(options: Partial<Parameters<typeof createTestRelay>[0]> = {}): RelayUnderTest {
  const made = createTestRelay({ database: fixture.database, ...options });
  relays.push(made);
  return made;
}

/** Which events arrived, in the order of arrival. */
const arrived = () => receiver.received.map(({ headers }) => String(headers['durapay-event-id']));
const idsOf = (events: string[]) => events.map((id) => publicId('event', id)).sort();

test('delivers at once what is committed, signed, and writes the try down', async () => {
  const endpointId = await fixture.addEndpoint({ url: receiver.url, secret: 'whsec_one' });
  const { relay, metrics } = relayWith({ settings: { pollMs: 60_000 } });
  relay.start();
  await eventually(
    'the first poll is over',
    async () => (await fixture.countByStatus()).pending === undefined,
  );
  const [id = ''] = await fixture.addEvents(endpointId);
  relay.nudge();
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  expect(await fixture.triesOf(id)).toEqual([{ no: 1, code: 200, answer: 'thanks' }]);
  const [got] = receiver.received;
  const [, seconds, signature] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got?.headers['durapay-signature'])) ?? [];
  expect(signature).toBe(createHmac('sha256', 'whsec_one').update(`${seconds}.${got?.body}`).digest('hex'));
  expect(await metrics()).toMatch(/durapay_callback_delay_seconds_count 1/);
});

test('one that is written under its lease is delivered without a claim, and once', async () => {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/born` });
  const [writer, other] = [relayWith(), relayWith()];
  for (const { relay } of [writer, other]) relay.start();
  const lease = writer.relay.lease(endpointId);
  expect(lease?.ms).toBeGreaterThan(3_000);
  const [id = ''] = await fixture.addEvents(endpointId, 1, 'pending', lease?.ms);
  // The others' polls come by meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(arrived()).toEqual([]);
  lease?.deliver({ id, endpointId, type: 'payment.succeeded', body: '{}', createdAt: new Date() });
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  expect(arrived()).toEqual(idsOf([id]));
  expect(await fixture.triesOf(id)).toEqual([{ no: 1, code: 200, answer: 'thanks' }]);
});

test('one that was written under a lease and never handed over comes when the lease is over', async () => {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/lost` });
  const [id = ''] = await fixture.addEvents(endpointId, 1, 'pending', 300);
  relayWith().relay.start();
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  expect(arrived()).toEqual(idsOf([id]));
});

test('gives no lease before it runs, while its hands are full, for a crowded endpoint, nor after it stopped', async () => {
  receiver.behave(answers.nothing);
  const [endpointId, crowded] = [
    await fixture.addEndpoint({ url: `${receiver.url}/full` }),
    await fixture.addEndpoint({ url: `${receiver.url}/crowded` }),
  ];
  const { relay } = relayWith({
    settings: { inHandMax: 3, drainMs: 100 },
    gates: { concurrencyMax: 1 },
  });
  const deliver = async (to: string) => {
    const lease = relay.lease(to);
    const [id = ''] = await fixture.addEvents(to, 1, 'pending', lease?.ms);
    lease?.deliver({ id, endpointId: to, type: 'payment.succeeded', body: '{}', createdAt: new Date() });
  };
  expect(relay.lease(endpointId)).toBeUndefined();
  relay.start();
  await deliver(crowded);
  await deliver(crowded);
  await eventually('the second waits', () => relay.lease(crowded) === undefined);
  expect(relay.lease(endpointId)).toBeDefined();
  await deliver(endpointId);
  expect(relay.lease(endpointId)).toBeUndefined();
  await relay.stop();
  expect(relay.lease(endpointId)).toBeUndefined();
});

test('finds by itself what nobody nudged it about', async () => {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/poll` });
  const ids = await fixture.addEvents(endpointId, 3);
  relayWith().relay.start();
  await eventually('all delivered', () => arrived().length === 3);
  expect(arrived().sort()).toEqual(idsOf(ids));
});

test('a large batch arrives whole, each event once, with no more calls at once than allowed', async () => {
  let now = 0;
  let most = 0;
  receiver.behave((response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now -= 1;
      response.writeHead(200).end();
    }, 2);
  });
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/batch` });
  const ids = await fixture.addEvents(endpointId, 600);
  const { relay } = relayWith({ settings: { inHandMax: 100 }, gates: { concurrencyMax: 8 } });
  relay.start();
  await eventually('all settled', async () => (await fixture.countByStatus()).delivered === 600);
  expect(arrived().sort()).toEqual(idsOf(ids));
  expect(most).toBeLessThanOrEqual(8);
});

test('two relays never deliver the same event within the lease', async () => {
  receiver.behave((response) => void setTimeout(() => response.writeHead(200).end(), 10));
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/two` });
  const ids = await fixture.addEvents(endpointId, 200);
  for (const { relay } of [relayWith(), relayWith()]) {
    relay.start();
    for (let i = 0; i < 10; i++) relay.nudge();
  }
  await eventually('all settled', async () => (await fixture.countByStatus()).delivered === 200);
  expect(arrived().sort()).toEqual(idsOf(ids));
});

test('a relay killed between the call and its record: another delivers the same event again', async () => {
  receiver.behave(answers.nothing);
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/killed` });
  const [id = ''] = await fixture.addEvents(endpointId);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'relay-process.ts'), fixture.fresh.url, '1500'],
    { cwd: path.join(__dirname, '..', '..', '..'), stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const exited = once(child, 'exit');
  await eventually('the first call', () => receiver.received.length > 0);
  child.kill('SIGKILL');
  await exited;
  expect(await fixture.triesOf(id)).toEqual([]);
  receiver.behave(answers.ok);
  relayWith().relay.start();
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  expect(arrived()).toEqual(idsOf([id, id]));
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  expect(await fixture.triesOf(id)).toEqual([{ no: 1, code: 200, answer: 'thanks' }]);
});

test('a failed first try goes to the workflow, with the try on record', async () => {
  receiver.behave(answers.status(503, 'busy'));
  const started: string[] = [];
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/failing` });
  const [id = ''] = await fixture.addEvents(endpointId);
  relayWith({ startCallbackWorkflow: async (eventId) => void started.push(eventId) }).relay.start();
  await eventually('handed over', async () => (await fixture.statusOf(id)) === 'handed_over');
  expect(started).toEqual([id]);
  expect(await fixture.triesOf(id)).toEqual([{ no: 1, code: 503, answer: 'busy' }]);
});

test('an endpoint that keeps failing is not called any more: its events go straight to the workflow', async () => {
  receiver.behave(answers.status(500));
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/dead` });
  await fixture.addEvents(endpointId, 50);
  relayWith({ gates: { failuresMax: 5, concurrencyMax: 2 } }).relay.start();
  await eventually('all handed over', async () => (await fixture.countByStatus()).handed_over === 50);
  expect(receiver.received.length).toBeLessThanOrEqual(7);
});

test('an endpoint that hangs does not hold up another', async () => {
  receiver.behave(answers.nothing);
  const healthy = await startReceiver();
  const hanging = await fixture.addEndpoint({ url: `${receiver.url}/hanging` });
  const other = await fixture.addEndpoint({ url: `${healthy.url}/healthy` });
  await fixture.addEvents(hanging, 300);
  const { relay } = relayWith({
    settings: { tryTimeoutMs: 5_000 },
    gates: { concurrencyMax: 4, waitMsMax: 200 },
  });
  relay.start();
  await eventually('it hangs', () => receiver.received.length === 4);
  const startedAt = performance.now();
  const [id = ''] = await fixture.addEvents(other);
  relay.nudge();
  await eventually('the other is delivered', async () => (await fixture.statusOf(id)) === 'delivered');
  expect(performance.now() - startedAt).toBeLessThan(4_000); // a hanging try takes five seconds
  await eventually(
    'the rest is handed over',
    async () => ((await fixture.countByStatus()).handed_over ?? 0) >= 290,
  );
  expect(receiver.received.length).toBeLessThanOrEqual(4);
  await relay.stop();
  await healthy.close();
});

test('while Temporal is away a failed event stays in the outbox, and goes when it is back', async () => {
  receiver.behave(answers.status(500));
  let isAway = true;
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/away` });
  const [id = ''] = await fixture.addEvents(endpointId);
  const { relay } = relayWith({
    settings: { leaseMs: 700, tryTimeoutMs: 300 },
    startCallbackWorkflow: async () => {
      if (isAway) throw new Error('Temporal is away');
    },
  });
  relay.start();
  await eventually('tried', async () => (await fixture.triesOf(id)).length > 0);
  expect(await fixture.statusOf(id)).toBe('pending');
  isAway = false;
  await eventually('handed over', async () => (await fixture.statusOf(id)) === 'handed_over');
  expect((await fixture.triesOf(id)).length).toBeGreaterThanOrEqual(2);
});

test('nothing is sent to an endpoint that is switched off', async () => {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/off`, isEnabled: false });
  const [id = ''] = await fixture.addEvents(endpointId);
  relayWith().relay.start();
  await eventually('abandoned', async () => (await fixture.statusOf(id)) === 'abandoned');
  await eventually('on record', async () => (await fixture.triesOf(id)).length === 1);
  expect(await fixture.triesOf(id)).toEqual([{ no: 1, code: null, answer: 'endpoint switched off' }]);
  expect(receiver.received).toHaveLength(0);
});

test('stop finishes what is under way and begins nothing new', async () => {
  receiver.behave((response) => void setTimeout(() => response.writeHead(200).end(), 1_000));
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/stop` });
  const ids = await fixture.addEvents(endpointId, 20);
  const { relay } = relayWith({ settings: { tryTimeoutMs: 20_000 }, gates: { concurrencyMax: 2 } });
  relay.start();
  await eventually('two are under way', () => receiver.received.length === 2);
  await relay.stop();
  const statuses = await Promise.all(ids.map((id) => fixture.statusOf(id)));
  expect(statuses.filter((status) => status === 'delivered')).toHaveLength(2);
  expect(statuses.filter((status) => status === 'pending')).toHaveLength(18);
  // Given back, not left to their leases: the next relay takes them at once.
  relayWith().relay.start();
  await eventually('the rest', async () => (await fixture.countByStatus()).delivered === 20, 10_000);
  expect(arrived()).toHaveLength(20);
});

test('stop cuts off what takes too long, and gives it back', async () => {
  receiver.behave(answers.nothing);
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/cut` });
  const [id = ''] = await fixture.addEvents(endpointId);
  const { relay } = relayWith({ settings: { tryTimeoutMs: 20_000, drainMs: 100 } });
  relay.start();
  await eventually('it hangs', () => receiver.received.length === 1);
  const startedAt = performance.now();
  await relay.stop();
  expect(performance.now() - startedAt).toBeLessThan(10_000); // half of what the try would take
  receiver.behave(answers.ok);
  relayWith().relay.start();
  await eventually('delivered by the next', async () => (await fixture.statusOf(id)) === 'delivered', 10_000);
});

test('survives a database that goes away', async () => {
  const endpointId = await fixture.addEndpoint({ url: `${receiver.url}/database` });
  const { relay } = relayWith();
  relay.start();
  await fixture.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and usename = current_user and pid <> pg_backend_pid()`,
  );
  const [id = ''] = await fixture.addEvents(endpointId);
  await eventually('delivered', async () => (await fixture.statusOf(id)) === 'delivered');
});
