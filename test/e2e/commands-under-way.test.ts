import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from '../support/api';
import { disputesOn } from '../support/disputes';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

/** What was asked for is not done by the time its request has to be answered: its repeat is told how it ended. */
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ throughProxies: true, settings: { COMMAND_ANSWER_WITHIN_MS: '2000' } });
});
afterAll(() => platform?.close());
afterEach(() => {
  platform.sandbox.clearFaults();
  platform.proxies.temporal.resume();
});

/** A request and all its repeats: the same body under the same key. */
function asker(key: string, { id }: PaymentBody, what: string, body: object = {}): () => Promise<Reply> {
  return () =>
    platform.call('POST', `/api/v1/payments/${id}/${what}`, {
      ...{ key: platform.merchant.apiKey, body },
      headers: { 'Idempotency-Key': key },
    });
}

/** What a merchant does who was told that it is under way, or to ask again: not at once, if many ask. */
function askUntilDone(ask: () => Promise<Reply>): Promise<Reply> {
  return until('it is done or refused', async () => {
    const reply = await ask();
    if (![202, 429, 503].includes(reply.status)) return reply;
    await sleep(200);
    return undefined;
  });
}

async function reserved(): Promise<PaymentBody> {
  const begun = await platform.startPayment(anOrder({ amount: '100', capture: 'manual' }));
  const payment = begun.body as PaymentBody;
  await platform.checkout(payment, 'pay');
  return platform.waitForStatus(payment.id, 'authorized');
}

const capturesOf = ({ id }: PaymentBody) => platform.sandbox.find(`${id}-1`)?.captures;

function expectToRepeat(reply: Reply): void {
  expect([reply.status, reply.body]).toMatchObject([503, { error: { code: 'command_outcome_unknown' } }]);
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
}

test('nobody is told that it goes on what Temporal has not taken, and a repeat does it', async () => {
  const [held, open] = [await reserved(), await platform.openPayment()];
  const capture = asker('silent-capture', held, 'capture', { amount: '10' });
  const cancel = asker('silent-cancel', open, 'cancel');
  platform.proxies.temporal.hold();
  for (const reply of await Promise.all([capture(), cancel()])) expectToRepeat(reply);
  platform.proxies.temporal.resume();
  expect(await askUntilDone(capture)).toMatchObject({ status: 200, body: { capturedAmount: '10.00' } });
  expect(await askUntilDone(cancel)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(capturesOf(held)).toMatchObject([{ amount: 1000, effects: 1 }]);
});

test('a repeat joins what is under way, and is told how it ended', async () => {
  const payment = await reserved();
  const capture = asker('slow-capture', payment, 'capture', { amount: '40' });
  platform.sandbox.addFault({ kind: 'delay_before', operation: 'capture', count: 1, ms: 3_000 });
  const first = await capture();
  expect([first.status, first.body]).toMatchObject([202, { capturedAmount: '0.00' }]);
  const done = await askUntilDone(capture);
  expect([done.status, done.body]).toMatchObject([200, { capturedAmount: '40.00' }]);
  expect(done.headers.get('idempotent-replayed')).toBeNull();
  const kept = await capture();
  expect([kept.status, kept.text]).toEqual([200, done.text]);
  expect(kept.headers.get('idempotent-replayed')).toBe('true');
  expect(capturesOf(payment)).toMatchObject([{ amount: 4000, effects: 1 }]);
});

test('so is one that waits in line behind it, and can not be done in the end', async () => {
  const payment = await reserved();
  const first = asker('in-line-1', payment, 'capture', { amount: '40' });
  const second = asker('in-line-2', payment, 'capture', { amount: '80' });
  const called = platform.sandbox.addFault({
    ...{ kind: 'delay_before', operation: 'capture', count: 1, ms: 4_500 },
  });
  const begun = first();
  await until('the channel is called', () => called.struck > 0);
  for (const reply of [await second(), await begun]) expect(reply.status).toBe(202);
  const refused = { status: 422, body: { error: { code: 'capture_exceeds_authorized' } } };
  expect(await askUntilDone(second)).toMatchObject(refused);
  expect(await askUntilDone(first)).toMatchObject({ status: 200, body: { capturedAmount: '40.00' } });
});

test('more than a payment takes at once is done when it is repeated, each once', async () => {
  const payment = await reserved();
  platform.sandbox.addFault({ kind: 'delay_before', operation: 'capture', count: 100, ms: 300 });
  const askers = Array.from({ length: 20 }, (_, no) =>
    asker(`at-once-${no}`, payment, 'capture', { amount: '1' }),
  );
  const first = await Promise.all(askers.map((ask) => ask()));
  const crowded = first.filter(({ status }) => status === 429);
  expect(crowded.length).toBeGreaterThan(0);
  for (const reply of crowded) {
    expect(reply.body).toMatchObject({ error: { code: 'too_many_commands' } });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  for (const reply of await Promise.all(askers.map(askUntilDone))) expect(reply.status).toBe(200);
  expect(await platform.readPayment(payment.id)).toMatchObject({ capturedAmount: '20.00' });
  expect(capturesOf(payment)).toHaveLength(20);
});

test('it is the same with evidence', async () => {
  const disputes = disputesOn(platform);
  const payment = await disputes.paidPayment();
  await disputes.open(payment);
  const { id } = await disputes.of(payment);
  const sender = (key: string) => () =>
    disputes.send(id, { text: 'It was signed for.' }, { 'Idempotency-Key': key });

  const unheard = sender('evidence-unheard');
  platform.proxies.temporal.hold();
  expectToRepeat(await unheard());
  platform.proxies.temporal.resume();
  expect(await askUntilDone(unheard)).toMatchObject({ status: 201, body: { status: 'accepted' } });

  const slow = sender('evidence-slow');
  platform.sandbox.addFault({ kind: 'delay_before', operation: 'evidence', count: 1, ms: 3_000 });
  expect(await slow()).toMatchObject({ status: 202, body: { status: 'received' } });
  expect(await askUntilDone(slow)).toMatchObject({ status: 201, body: { status: 'accepted' } });
  expect(platform.sandbox.find(`${payment.id}-1`)?.disputes).toMatchObject([{ evidence: 2 }]);
});
