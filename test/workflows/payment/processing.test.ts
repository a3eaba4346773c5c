import type { ChargeStatus } from '../../../domain/payment/outcome';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { numberOf, scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

const channel = scriptedChannel();
let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());
afterEach(() => (channel.before = () => undefined));

const declined: ChargeStatus = { kind: 'declined', error: { code: 'card_declined', message: 'Declined.' } };
const processing = (reference: string): ChargeStatus => ({
  kind: 'processing',
  providerRef: numberOf(reference),
});
const money = (reference: string) => ({
  providerRef: numberOf(reference),
  amountMinor: '10000',
  currency: 'USD',
});
const paid = (reference: string): ChargeStatus => ({ kind: 'succeeded', charge: money(reference) });
const held = (reference: string): ChargeStatus => ({ kind: 'authorized', charge: money(reference) });

/** The customer at the channel. */
function now(payment: StagedPayment, status: (reference: string) => ChargeStatus): ChargeStatus {
  const reference = payment.reference(1);
  channel.charges.set(reference, status(reference));
  return status(reference);
}

const again = { type: 'redirect', url: 'https://again.test/' } as const;
const number = { type: 'cash_code', details: { code: '123' } } as const;
const open = (reference: string): ChargeStatus => ({
  kind: 'open',
  providerRef: numberOf(reference),
  nextAction: again,
});
/** As ECPay says it while a bank works on it. */
const openOrInProcess = (reference: string): ChargeStatus => ({
  kind: 'open',
  providerRef: numberOf(reference),
  mayBeInProcess: true,
});

async function inProcess(options: Parameters<PaymentStage['start']>[0] = {}): Promise<StagedPayment> {
  const payment = await stage.start(options);
  await payment.tell(1, now(payment, processing));
  await payment.waitFor('processing');
  return payment;
}

async function types({ request }: StagedPayment): Promise<string[]> {
  const { rows } = await stage.database.query<{ type: string }>(
    'select type from payment_events where payment_id = $1 order by version',
    [request.paymentId],
  );
  return rows.map(({ type }) => type);
}

test.each([
  ['paid', paid, 'succeeded'],
  ['declined, and may be tried again', () => declined, 'requires_action'],
  ['cancelled there, and may be tried again', () => ({ kind: 'cancelled' }) as const, 'requires_action'],
])('what the channel works on ends as it says: %s', async (_name, status, to) => {
  const payment = await inProcess();
  expect(await payment.attempts()).toEqual(['processing']);
  expect(await types(payment)).toContain('payment.processing');
  await payment.tell(1, now(payment, status));
  await payment.waitFor(to);
});

test('it may be reserved as well', async () => {
  const payment = await inProcess({ capture: 'manual' });
  await payment.tell(1, now(payment, held));
  await payment.waitFor('authorized');
});

test('a poll finds it, once, and finds its end', async () => {
  const payment = await stage.start({ firstPollMs: 200 });
  now(payment, processing);
  await payment.waitFor('processing');
  const before = await payment.state();
  const asked = channel.calls.length;
  await until('it was asked again', () => channel.calls.length > asked);
  expect((await payment.state()).version).toBe(before.version);
  now(payment, paid);
  await payment.waitFor('succeeded');
  expect(await payment.charges()).toEqual(['payment 10000']);
});

test('news that the customer’s next try has outrun is asked about', async () => {
  const payment = await inProcess();
  const told = await payment.tell(1, declined);
  await until('it is settled', async () => (await payment.inbox(told)) === 'ignored');
  expect(await payment.state()).toMatchObject({ status: 'processing' });
});

test('a decline is believed where the channel’s look tells nothing of it', async () => {
  const payment = await inProcess();
  now(payment, () => ({ kind: 'open' }));
  await payment.tell(1, declined);
  await payment.waitFor('requires_action');
});

test.each([
  ['is not brought back by older news', () => declined, 'requires_action'],
  ['is in process if the customer has tried again', processing, 'processing'],
])('an attempt that was declined %s', async (_name, status, to) => {
  const payment = await stage.start();
  await payment.tell(1, declined);
  await until('it is declined', async () => (await payment.attempts())[0] === 'declined');
  now(payment, status);
  const told = await payment.tell(1, processing(payment.reference(1)));
  await until('it is settled', async () => (await payment.inbox(told)) !== 'received');
  expect(await payment.state()).toMatchObject({ status: to });
});

test('it is neither cancelled nor tried again while the channel does not close it', async () => {
  const payment = await inProcess();
  await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject({
    cause: { details: [{ code: 'channel_refused', error: { code: 'charge_processing' } }] },
  });
  await expect(payment.ask({ kind: 'attempt' })).rejects.toMatchObject({
    cause: { details: [{ code: 'not_retryable' }] },
  });
  now(payment, () => ({ kind: 'open' }));
  await expect(payment.ask({ kind: 'cancel', reason: '' })).resolves.toMatchObject({ status: 'cancelled' });
});

test('a cancellation that finds it in process says so, and so does the payment', async () => {
  const payment = await stage.start();
  now(payment, processing);
  await expect(payment.ask({ kind: 'cancel', reason: '' })).rejects.toMatchObject({
    cause: { details: [{ code: 'channel_refused', error: { code: 'charge_processing' } }] },
  });
  await payment.waitFor('processing');
});

test('its time does not end it: what is paid afterwards pays it', async () => {
  const payment = await inProcess({ expiresInMs: 1_500, firstPollMs: 200 });
  await until('its time is over', () => Date.now() > Date.parse(payment.request.expiresAt) + 500);
  const asked = channel.calls.length;
  await until('it is asked on', () => channel.calls.length > asked);
  expect(await payment.state()).toMatchObject({ status: 'processing' });
  now(payment, paid);
  await payment.waitFor('succeeded');
  expect(await payment.charges()).toEqual(['payment 10000']);
});

test('the last look before it expires finds it in process', async () => {
  const payment = await stage.start({ expiresInMs: 1_000 });
  now(payment, processing);
  await payment.waitFor('processing');
  await payment.tell(1, now(payment, paid));
  await payment.waitFor('succeeded');
});

test('past its time what is merely open expires, and is closed', async () => {
  const payment = await inProcess({ expiresInMs: 1_000, firstPollMs: 200 });
  now(payment, () => ({ kind: 'open' }));
  await payment.waitFor('expired');
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
});

test('past its time what was open for a moment and is in process when it is closed stays in process', async () => {
  const payment = await inProcess({ expiresInMs: 1_000, firstPollMs: 200 });
  let closings = 0;
  channel.before = (kind, reference) => {
    if (kind !== 'cancel' || reference !== payment.reference(1)) return;
    closings += 1;
    now(payment, processing);
  };
  now(payment, () => ({ kind: 'open' }));
  await until('it was to be closed', () => closings > 0);
  const asked = channel.calls.length;
  await until('it is asked on', () => channel.calls.length > asked);
  expect(await payment.state()).toMatchObject({ status: 'processing' });
  now(payment, paid);
  await payment.waitFor('succeeded');
  expect(closings).toBe(1);
});

test('what the channel calls open again is the customer’s turn, and may be tried another way', async () => {
  const payment = await inProcess({ firstPollMs: 200 });
  now(payment, open);
  expect(await payment.waitFor('requires_action')).toMatchObject({ nextAction: again });
  expect((await types(payment)).at(-1)).toBe('payment.action_changed');
  await expect(payment.ask({ kind: 'attempt' })).resolves.toMatchObject({ attemptNo: 2 });
});

test('an event that it is open is old if the channel is at work', async () => {
  const payment = await inProcess();
  const told = await payment.tell(1, open(payment.reference(1)));
  await until('it is settled', async () => (await payment.inbox(told)) === 'ignored');
  expect(await payment.state()).toMatchObject({ status: 'processing' });
  await payment.tell(1, now(payment, open));
  expect(await payment.waitFor('requires_action')).toMatchObject({ nextAction: again });
});

describe('where the channel calls open what it works on, its notices count:', () => {
  test('polls do not bring it back, and its time does not end it', async () => {
    const payment = await inProcess({ expiresInMs: 1_500, firstPollMs: 200 });
    const before = await payment.state();
    now(payment, openOrInProcess);
    await until('its time is over', () => Date.now() > Date.parse(payment.request.expiresAt) + 500);
    const asked = channel.calls.length;
    await until('it is asked on', () => channel.calls.length > asked);
    expect(await payment.state()).toEqual(before);
    expect(channel.calls).not.toContain(`cancel ${payment.reference(1)}`);
    now(payment, paid);
    await payment.waitFor('succeeded');
    expect(await payment.charges()).toEqual(['payment 10000']);
  });

  test.each<[string, ChargeStatus, object]>([
    ['of a decline', declined, { lastError: { code: 'card_declined' } }],
    ['of a number to pay by', { kind: 'open', nextAction: number }, { nextAction: number }],
  ])('the one %s ends it', async (_name, notice, state) => {
    const payment = await inProcess();
    now(payment, openOrInProcess);
    await payment.tell(1, notice);
    expect(await payment.waitFor('requires_action')).toMatchObject(state);
  });
});
