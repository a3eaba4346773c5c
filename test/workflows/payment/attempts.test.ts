import { createSweepPayments } from '../../../activities/sweeps/sweep-payments';
import { loadHistory } from '../../../db/stores/payment-histories-store';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';
import { createLog } from '../../../telemetry/log';
import { until } from '../../support/until';

const channel = scriptedChannel();
const methods = new Map<string, string | undefined>();
let stage: PaymentStage;
beforeAll(async () => {
  const { onStart } = channel;
  channel.onStart = (request) => {
    methods.set(request.reference, request.method);
    return onStart(request);
  };
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());

test('another attempt goes the way that was asked for, and the next one the payment’s own again', async () => {
  const payment = await stage.start({ method: 'card' });
  await payment.ask({ kind: 'attempt', method: 'wallet' });
  await payment.ask({ kind: 'attempt' });
  expect([1, 2, 3].map((no) => methods.get(payment.reference(no)))).toEqual(['card', 'wallet', 'card']);
  expect(await payment.attempts()).toEqual(['cancelled', 'cancelled', 'action_required']);
});

test('each charge is looked for since its own attempt was begun', async () => {
  const payment = await stage.start();
  await payment.ask({ kind: 'attempt' });
  await payment.ask({ kind: 'cancel', reason: '' });
  const { rows } = await stage.database.query<{ reference: string; sent_at: Date }>(
    'select reference, sent_at from payment_attempts where payment_id = $1 order by attempt_no',
    [payment.request.paymentId],
  );
  expect(rows).toHaveLength(2);
  for (const { reference, sent_at } of rows) expect(channel.askedSince.get(reference)).toEqual(sent_at);
});

describe('an attempt that no channel can take', () => {
  afterEach(() => (stage.isChannelGone = false));
  const refused = { cause: { details: [{ error: { code: 'channel_not_available' } }] } };

  test('leaves the customer’s checkout open', async () => {
    const payment = await stage.start();
    const before = await payment.state();
    await expect(payment.ask({ kind: 'attempt', method: 'crypto' })).rejects.toMatchObject(refused);
    expect(channel.calls).not.toContain(`cancel ${payment.reference(1)}`);
    expect(await payment.state()).toEqual(before);
    await expect(payment.ask({ kind: 'attempt' })).resolves.toMatchObject({ attemptNo: 2 });
  });

  test('by this method, which takes no such amount, says what it takes and leaves the checkout open', async () => {
    const { amounts } = channel.capabilities;
    channel.capabilities.amounts = [
      { currency: 'USD', method: 'card', min: 1n, max: 99_999_999n },
      { currency: 'USD', method: 'wallet', min: 1n, max: 2n },
    ];
    const payment = await stage.start({ method: 'card' });
    const before = await payment.state();
    const error = {
      code: 'amount_not_taken',
      message: expect.stringContaining('scripted: takes only 0.01 to 0.02 USD by wallet') as string,
    };
    await expect(payment.ask({ kind: 'attempt', method: 'wallet' })).rejects.toMatchObject({
      cause: { details: [{ error }] },
    });
    channel.capabilities.amounts = amounts;
    expect(channel.calls).not.toContain(`cancel ${payment.reference(1)}`);
    expect(await payment.state()).toEqual(before);
  });

  test('any more, when the charge before it was closed, shows nobody a dead link', async () => {
    const payment = await stage.start();
    stage.isChannelGone = true;
    await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject(refused);
    const now = await payment.state();
    expect(now).toMatchObject({
      status: 'requires_action',
      attemptNo: 1,
      lastError: { code: 'channel_not_available' },
    });
    expect(now.nextAction).toBeUndefined();
    expect(await payment.attempts()).toEqual(['cancelled']);
    stage.isChannelGone = false;
    await expect(payment.ask({ kind: 'attempt' })).resolves.toMatchObject({ attemptNo: 2 });
  });
});

describe('a payment that named its provider', () => {
  const second = scriptedChannel();
  let both: PaymentStage;
  beforeAll(async () => {
    both = await startPaymentStage(channel, {}, second);
  });
  afterAll(() => both?.stop());

  test('stays there at further attempts, unless another one, or whichever fits, is asked for', async () => {
    const payment = await both.start({ provider: 'second' });
    await payment.ask({ kind: 'attempt' });
    await payment.ask({ kind: 'attempt', provider: 'auto' });
    await payment.ask({ kind: 'attempt' });
    const startedAt = (one: typeof channel) =>
      [1, 2, 3, 4].filter((no) => one.calls.includes(`start ${payment.reference(no)}`));
    expect([startedAt(second), startedAt(channel)]).toEqual([[1, 2, 4], [3]]);
  });

  test('goes nowhere else by an operator’s hand, unless the operator says so', async () => {
    second.onStart = () => ({ kind: 'unavailable', error: { code: 'away', message: 'It is away.' } });
    const payment = await both.start({ provider: 'second', until: 'pending' });
    await until('it waits', async () => (await payment.state()).lastError?.code === 'no_channel');
    await payment.ask({ kind: 'retry', reason: 'it may be back' });
    expect(channel.calls).not.toContain(`start ${payment.reference(2)}`);
    await payment.ask({ kind: 'retry', reason: 'the other one does as well', provider: 'auto' });
    expect(channel.calls).toContain(`start ${payment.reference(3)}`);
  });
});

test('an operator’s cancellation of what waits for a channel spares the checkout that was just handed out', async () => {
  const { onStart } = channel;
  channel.onStart = () => ({ kind: 'unavailable', error: { code: 'away', message: 'It is away.' } });
  const payment = await stage.start({ until: 'pending' });
  await until('it waits', async () => (await payment.state()).lastError?.code === 'no_channel');
  channel.onStart = onStart;
  channel.before = (kind) =>
    kind === 'start' ? new Promise((resolve) => setTimeout(resolve, 500)) : undefined;
  const retried = payment.ask({ kind: 'retry', reason: 'it is back' });
  await until('it is tried', () => channel.calls.includes(`start ${payment.reference(2)}`));
  await expect(payment.ask({ kind: 'cancel', reason: 'given up', isQueued: true })).rejects.toMatchObject({
    cause: { details: [{ code: 'not_in_queue' }] },
  });
  channel.before = () => undefined;
  await expect(retried).resolves.toMatchObject({ status: 'requires_action', attemptNo: 2 });
  expect((await payment.state()).nextAction).toBeDefined();
  await expect(payment.ask({ kind: 'cancel', reason: 'given up', isQueued: true })).rejects.toMatchObject({
    cause: { details: [{ code: 'not_in_queue' }] },
  });
  expect((await payment.state()).status).toBe('requires_action');
});

describe('what the customer has to do', () => {
  const types = async ({ request }: StagedPayment) => {
    const { rows } = await stage.database.query<{ type: string }>(
      'select type from payment_events where payment_id = $1 order by version',
      [request.paymentId],
    );
    return rows.map(({ type }) => type);
  };

  test('is not told beside the answer that has it', async () => {
    const payment = await stage.start();
    await payment.ask({ kind: 'attempt' });
    expect(await types(payment)).not.toContain('payment.action_required');
  });

  test('is told when it was in doubt at first', async () => {
    const { onStart } = channel;
    channel.onStart = (request) => {
      const nextAction = { type: 'redirect', url: 'https://pay.test/' } as const;
      channel.charges.set(request.reference, { kind: 'open', nextAction });
      return { kind: 'unknown', error: { code: 'dropped', message: 'The answer was lost.' } };
    };
    try {
      const payment = await stage.start();
      expect((await payment.state()).nextAction).toMatchObject({ type: 'redirect' });
      expect(await types(payment)).toEqual(['payment.created', 'payment.unknown', 'payment.action_required']);
    } finally {
      channel.onStart = onStart;
    }
  });

  test('is told when the answer took longer than anybody waits', async () => {
    const payment = await stage.start();
    await payment.ask({ kind: 'attempt', answerBy: new Date().toISOString() });
    expect(await types(payment)).toContain('payment.action_required');
  });
});

test('the story of a payment is copied when its workflow has ended, and not before', async () => {
  const { database } = stage;
  const payment = await stage.start();
  await payment.ask({ kind: 'cancel', reason: 'enough' });
  const { paymentId } = payment.request;
  let isOver = false;
  const sweep = createSweepPayments({
    ...{ database, overdueMs: 0, batchMax: 100 },
    log: createLog({ level: 'silent', process: 'worker' }),
    resumePayment: () => Promise.resolve('running'),
    readHistory: (workflowId) => Promise.resolve({ workflowId, runId: 'one', lines: [], isOver }),
  });
  const looksAt = async () => {
    await database.query(`update payments set wake_at = now() - interval '1 hour' where id = $1`, [
      paymentId,
    ]);
    await sweep();
    const { rows } = await database.query<{ wake: Date | null }>(
      'select wake_at as wake from payments where id = $1',
      [paymentId],
    );
    return {
      isOnList: rows[0]?.wake !== null,
      isKept: (await loadHistory(database, paymentId)) !== undefined,
    };
  };
  expect(await looksAt()).toEqual({ isOnList: true, isKept: false });
  isOver = true;
  expect(await looksAt()).toEqual({ isOnList: false, isKept: true });
});

describe('two requests for another attempt at once', () => {
  afterEach(() => (channel.before = () => undefined));

  /** The first is under way until the second has been accepted behind it. */
  async function both(first: object, second: object) {
    const payment = await stage.start();
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    channel.before = (kind) => (kind === 'cancel' ? gate : undefined);
    const one = payment.ask({ kind: 'attempt', ...first });
    await until('the first is under way', () => channel.calls.includes(`cancel ${payment.reference(1)}`));
    const two = payment.ask({ kind: 'attempt', ...second });
    two.catch(() => undefined);
    await until('the second is accepted', async () => {
      const { events } = await payment.handle.fetchHistory();
      const accepted = (events ?? []).filter(
        ({ workflowExecutionUpdateAcceptedEventAttributes: it }) => it != null,
      );
      return accepted.length === 2;
    });
    go();
    return { payment, one, two };
  }

  test('make one, and both are answered with it', async () => {
    const { payment, one, two } = await both({}, {});
    expect(await two).toEqual(await one);
    expect(await payment.attempts()).toEqual(['cancelled', 'action_required']);
    // What is asked afterwards is another wish.
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 3 });
  });

  test('of different kinds make one, and the other is told so', async () => {
    const { payment, one, two } = await both({ method: 'card' }, { method: 'wallet' });
    await expect(two).rejects.toMatchObject({ cause: { details: [{ code: 'attempt_begun' }] } });
    expect(await one).toMatchObject({ attemptNo: 2 });
    expect(await payment.attempts()).toEqual(['cancelled', 'action_required']);
  });
});
