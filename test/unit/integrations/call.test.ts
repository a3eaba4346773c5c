import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createCaller, type CallContext, type Caller, type CallMetrics } from '../../../integrations/call';
import type { CallOutcome } from '../../../integrations/call-outcome';

const ok: CallOutcome<unknown> = { kind: 'ok', status: 200, value: {} };
const timedOut: CallOutcome<unknown> = { kind: 'unknown', code: 'timeout', message: 'late' };

describe('the one way out', () => {
  let caller: Caller;
  let lines: Record<string, unknown>[];
  let called: unknown[];
  let states: unknown[];

  beforeEach(() => {
    lines = [];
    called = [];
    states = [];
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
        done();
      },
    });
    const metrics: CallMetrics = {
      called: (labels, seconds) => called.push({ ...labels, timed: seconds >= 0 }),
      breakerChanged: (labels, state) => states.push({ ...labels, state }),
      heldBack: () => undefined,
    };
    caller = createCaller({ log: pino({ level: 'debug' }, sink), metrics, concurrencyMax: 2, queueMax: 1 });
  });
  afterEach(() => caller.close());

  const context = (changes: Partial<CallContext> = {}): CallContext => ({
    service: 'kpay',
    instance: 'chc_1',
    operation: 'create',
    timeoutMs: 1_000,
    correlationId: 'payment/1',
    ...changes,
  });

  const times = async (count: number, outcome: CallOutcome<unknown>) => {
    for (let turn = 0; turn < count; turn += 1) await caller.call(context(), async () => outcome);
  };

  it('gives the outcome back as it is, logs it with the correlation id, and measures it', async () => {
    expect(await caller.call(context(), async () => ok)).toBe(ok);
    expect(called).toEqual([{ service: 'kpay', operation: 'create', outcome: 'ok', timed: true }]);
    expect(lines).toMatchObject([
      { correlationId: 'payment/1', outcome: 'ok', operation: 'create', status: 200 },
    ]);
  });

  it('hands on a deadline that has a signal for who needs one', async () => {
    const outcome = await caller.call(
      context({ timeoutMs: 30 }),
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(timedOut))),
    );
    expect(outcome).toBe(timedOut);
  });

  it('refuses at once what neither runs nor fits the queue', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = () => caller.call(context(), () => gate.then(() => ok));
    const running = [slow(), slow(), slow()];
    expect(await slow()).toMatchObject({ kind: 'retryable', code: 'channel_busy' });
    release();
    expect(await Promise.all(running)).toEqual([ok, ok, ok]);
  });

  it('who waits in the queue past the deadline was never sent', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const running = [1, 2].map(() => caller.call(context(), () => gate.then(() => ok)));
    const send = jest.fn(async () => ok);
    expect(await caller.call(context({ timeoutMs: 20 }), send)).toMatchObject({
      kind: 'retryable',
      code: 'channel_busy',
    });
    expect(send).not.toHaveBeenCalled();
    release();
    await Promise.all(running);
  });

  it('one slow account leaves the places of another alone', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const running = [1, 2].map(() => caller.call(context(), () => gate.then(() => ok)));
    expect(await caller.call(context({ instance: 'chc_2' }), async () => ok)).toBe(ok);
    release();
    await Promise.all(running);
  });

  it('after five unknown outcomes in a row the account rests, and only that one', async () => {
    await times(5, timedOut);
    const send = jest.fn(async () => ok);
    expect(await caller.call(context(), send)).toMatchObject({ kind: 'retryable', code: 'circuit_open' });
    expect(send).not.toHaveBeenCalled();
    expect(await caller.call(context({ instance: 'chc_2' }), send)).toBe(ok);
    expect(states).toEqual([{ service: 'kpay', instance: 'chc_1', state: 'open' }]);
  });

  it.each<[string, CallOutcome<unknown>]>([
    ['declines', { kind: 'declined', status: 422, code: 'no', value: {} }],
    ['wrong credentials', { kind: 'misconfigured', code: 'channel_misconfigured', message: '' }],
    ['a rate limit', { kind: 'retryable', code: 'rate_limited', message: '' }],
  ])('%s open no breaker', async (_name, outcome) => {
    await times(10, outcome);
    expect(await caller.call(context(), async () => ok)).toBe(ok);
  });

  it('gives the place back when sending throws', async () => {
    const broken = () => caller.call(context(), () => Promise.reject(new Error('a bug')));
    for (let turn = 0; turn < 4; turn += 1) await expect(broken()).rejects.toThrow('a bug');
    expect(await caller.call(context(), async () => ok)).toBe(ok);
  });
});
