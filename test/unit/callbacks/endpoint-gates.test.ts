import { createEndpointGates, type Admission } from '../../../integrations/callbacks/endpoint-gates';

let clockMs = 0;
const now = () => clockMs;

function entered(admission: Admission) {
  if (admission.kind !== 'entered') throw new Error(`not entered: ${admission.kind}`);
  return admission;
}

async function fail(gates: ReturnType<typeof createEndpointGates>, times: number) {
  for (let i = 0; i < times; i++) entered(await gates.enter('a')).leave(false);
}

beforeEach(() => (clockMs = 1_000));

test('no more at once than allowed; the next goes in when one leaves', async () => {
  const gates = createEndpointGates({ concurrencyMax: 2 });
  const first = entered(await gates.enter('a'));
  await gates.enter('a');
  let third: Admission | undefined;
  const waiting = gates.enter('a').then((admission) => (third = admission));
  await new Promise(setImmediate);
  expect(third).toBeUndefined();
  expect(gates.crowded()).toEqual(['a']);
  expect((await gates.enter('b')).kind).toBe('entered');
  first.leave(true);
  await waiting;
  expect(third?.kind).toBe('entered');
  expect(gates.crowded()).toEqual([]);
});

test('leaving twice frees one place only', async () => {
  const gates = createEndpointGates({ concurrencyMax: 1, waitMsMax: 5 });
  const first = entered(await gates.enter('a'));
  first.leave(true);
  first.leave(true);
  await gates.enter('a');
  expect((await gates.enter('a')).kind).toBe('slow');
});

test('closes after failures in a row, not after failures alone', async () => {
  const gates = createEndpointGates({ concurrencyMax: 4, failuresMax: 3, now });
  await fail(gates, 2);
  entered(await gates.enter('a')).leave(true);
  await fail(gates, 2);
  expect((await gates.enter('a')).kind).toBe('entered');
  await fail(gates, 1);
  expect((await gates.enter('a')).kind).toBe('failing');
  expect((await gates.enter('b')).kind).toBe('entered');
});

test('after a while one goes first to see; its success opens, its failure closes again', async () => {
  const gates = createEndpointGates({ concurrencyMax: 4, failuresMax: 3, closedForMs: 100, now });
  await fail(gates, 3);
  clockMs += 101;
  const probe = entered(await gates.enter('a'));
  expect((await gates.enter('a')).kind).toBe('failing');
  probe.leave(false);
  clockMs += 50;
  expect((await gates.enter('a')).kind).toBe('failing');
  clockMs += 51;
  entered(await gates.enter('a')).leave(true);
  const both = [await gates.enter('a'), await gates.enter('a')];
  expect(both.map(({ kind }) => kind)).toEqual(['entered', 'entered']);
});

test('a try with a back-off of its own goes in although the gate is closed, and opens it by success', async () => {
  const gates = createEndpointGates({ concurrencyMax: 4, failuresMax: 3, now });
  await fail(gates, 3);
  entered(await gates.enter('a', { evenIfFailing: true })).leave(true);
  expect((await gates.enter('a')).kind).toBe('entered');
});

test('who has waited too long goes away, and the next do not wait at all', async () => {
  const gates = createEndpointGates({ concurrencyMax: 1, waitMsMax: 2_000, slowForMs: 60_000 });
  await gates.enter('a');
  expect((await gates.enter('a')).kind).toBe('slow');
  const startedAt = performance.now();
  expect((await gates.enter('a')).kind).toBe('slow');
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

test('who waits when the gate closes is sent away at once', async () => {
  const gates = createEndpointGates({ concurrencyMax: 1, failuresMax: 1, waitMsMax: 5_000 });
  const first = entered(await gates.enter('a'));
  const waiting = gates.enter('a');
  first.leave(false);
  expect((await waiting).kind).toBe('failing');
});

test('a stop ends the waiting', async () => {
  const gates = createEndpointGates({ concurrencyMax: 1, waitMsMax: 5_000 });
  await gates.enter('a');
  const stop = new AbortController();
  const waiting = gates.enter('a', { signal: stop.signal });
  stop.abort();
  expect((await waiting).kind).toBe('stopped');
  expect(gates.crowded()).toEqual([]);
});

test('remembers a bounded number of endpoints, and never forgets one in use', async () => {
  const gates = createEndpointGates({ concurrencyMax: 1, failuresMax: 1, endpointsMax: 2, waitMsMax: 5 });
  await gates.enter('used');
  entered(await gates.enter('a')).leave(false);
  expect((await gates.enter('a')).kind).toBe('failing');
  for (const id of ['b', 'c']) entered(await gates.enter(id)).leave(true);
  expect((await gates.enter('a')).kind).toBe('entered');
  expect((await gates.enter('used')).kind).toBe('slow');
});
