import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { numberOf, scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

const channel = scriptedChannel();
let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());
afterEach(() => {
  channel.before = () => undefined;
  channel.capabilities.cancel = 'all';
  stage.channel = channel;
});

const money = (payment: StagedPayment, amountMinor: string) => ({
  ...{ providerRef: numberOf(payment.reference(1)), currency: 'USD' },
  amountMinor,
});

async function reserved(): Promise<StagedPayment> {
  const payment = await stage.start({ capture: 'manual' });
  const status = { kind: 'authorized', charge: money(payment, '10000') } as const;
  channel.charges.set(payment.reference(1), status);
  await payment.tell(1, status);
  await payment.waitFor('authorized');
  return payment;
}

async function partCaptured(): Promise<StagedPayment> {
  const payment = await reserved();
  await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
  return payment;
}

const release = (payment: StagedPayment, id?: string, updateId?: string) =>
  payment.ask({ kind: 'cancel', reason: 'the rest is not needed' }, id, updateId);

/** The channel lets go, its answer is lost, and so is the workflow that waits for it. */
async function lostInRelease(payment: StagedPayment, id: string): Promise<void> {
  channel.before = (kind, reference) => {
    if (kind !== 'cancel') return;
    channel.charges.set(reference, { kind: 'succeeded', charge: money(payment, '4000') });
    throw new Error('lost');
  };
  const asked = release(payment, id).catch(() => undefined);
  await until('let go there', () => channel.charges.get(payment.reference(1))?.kind === 'succeeded');
  await payment.handle.terminate();
  await asked;
  channel.before = () => undefined;
}

/** How many commands its workflow has taken. */
async function accepted({ handle }: StagedPayment): Promise<number> {
  const { events = [] } = await handle.fetchHistory();
  return (events ?? []).filter((it) => it.workflowExecutionUpdateAcceptedEventAttributes != null).length;
}

const cancels = (payment: StagedPayment) =>
  channel.calls.filter((call) => call === `cancel ${payment.reference(1)}`);

test('of a payment that is captured in part the rest is released, and it ends as paid', async () => {
  const payment = await partCaptured();
  expect(await release(payment)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
  await expect(payment.handle.result()).resolves.toMatchObject({ status: 'succeeded' });
  expect(channel.charges.get(payment.reference(1))).toEqual({ kind: 'cancelled' });
  expect(await payment.attempts()).toEqual(['succeeded']);
  expect(await payment.charges()).toEqual(['payment 4000']);
});

test('a channel that calls the charge paid with what was captured has let the rest go', async () => {
  const payment = await partCaptured();
  channel.charges.set(payment.reference(1), { kind: 'succeeded', charge: money(payment, '4000') });
  expect(await release(payment)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
  expect(await payment.charges()).toEqual(['payment 4000']);
});

test('where the rest was taken at the channel it is booked, and the release is refused', async () => {
  const payment = await partCaptured();
  channel.charges.set(payment.reference(1), { kind: 'succeeded', charge: money(payment, '10000') });
  await expect(release(payment)).rejects.toMatchObject({
    cause: { type: 'CommandRefused', details: [{ code: 'already_paid' }] },
  });
  expect(await payment.waitFor('succeeded')).toMatchObject({ capturedMinor: '10000' });
  expect(await payment.charges()).toEqual(['payment 4000', 'payment 6000']);
});

test('a channel that keeps the rest reserved is not said to have released it', async () => {
  const payment = await partCaptured();
  channel.capabilities.cancel = 'none';
  await expect(release(payment)).rejects.toMatchObject({
    cause: { details: [{ code: 'channel_refused', error: { code: 'charge_still_open' } }] },
  });
  expect(await payment.state()).toMatchObject({ status: 'authorized', capturedMinor: '4000' });
  const after = await payment.ask({ kind: 'capture', isFinal: false });
  expect(after).toMatchObject({ status: 'succeeded', capturedMinor: '10000' });
});

test('one whose workflow was lost after the channel had let go is done by the same request', async () => {
  const payment = await partCaptured();
  await lostInRelease(payment, 'again');
  await payment.resume();
  const after = await release(payment, 'again');
  expect(after).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
  expect(await payment.charges()).toEqual(['payment 4000']);
});

test('an answer that is lost is asked for again until it is known', async () => {
  const payment = await partCaptured();
  let lost = 1;
  channel.before = (kind) => {
    if (kind === 'cancel' && lost-- > 0) throw new Error('lost');
  };
  expect(await release(payment)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
  expect(cancels(payment)).toHaveLength(2);
});

test('a capture that is under way comes first, and one that comes after it finds the payment closed', async () => {
  const payment = await partCaptured();
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  channel.before = (kind) => (kind === 'capture' ? held : undefined);
  const first = payment.ask({ kind: 'capture', amountMinor: '1000', isFinal: false });
  await until('asked', () => channel.captures.has(`${payment.reference(1)}.c2`));
  const released = release(payment);
  await until('it is accepted', async () => (await accepted(payment)) === 3);
  const refused = payment
    .ask({ kind: 'capture', amountMinor: '1000', isFinal: false })
    .catch((error: unknown) => error);
  expect(cancels(payment)).toEqual([]);
  go();
  expect(await first).toMatchObject({ status: 'authorized', capturedMinor: '5000' });
  expect(await released).toMatchObject({ capturedMinor: '5000' });
  expect(await payment.state()).toMatchObject({ status: 'succeeded', capturedMinor: '5000' });
  expect([...channel.captures.keys()].filter((key) => key.startsWith(payment.reference(1)))).toHaveLength(2);
  await refused;
});

/** The channel has captured, and nobody has written it down: the workflow was lost, and can't ask now. */
async function captureInDoubt(payment: StagedPayment): Promise<void> {
  channel.before = (kind) => {
    if (kind === 'capture') throw new Error('lost');
  };
  const asked = payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false }).catch(() => undefined);
  await until('captured there', () => channel.captures.has(`${payment.reference(1)}.c1`));
  await payment.handle.terminate();
  await asked;
  channel.before = () => undefined;
  stage.channel = undefined;
  await payment.resume();
  await until('a person can see it', async () => (await payment.attention()).includes('channel_removed'));
}

test('while a capture is in doubt nothing is cancelled, and what it took is on the books before the rest is let go', async () => {
  const payment = await reserved();
  await captureInDoubt(payment);
  await expect(release(payment)).rejects.toMatchObject({
    cause: { details: [{ error: { code: 'capture_in_doubt' } }] },
  });
  stage.channel = channel;
  expect(await release(payment)).toMatchObject({ status: 'succeeded', capturedMinor: '4000' });
  expect(await payment.charges()).toEqual(['payment 4000']);
});
