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
  stage.channel = channel;
});

async function reserved(): Promise<StagedPayment> {
  const payment = await stage.start({ capture: 'manual' });
  const reference = payment.reference(1);
  const charge = { providerRef: numberOf(reference), amountMinor: '10000', currency: 'USD' };
  channel.charges.set(reference, { kind: 'authorized', charge });
  await payment.tell(1, { kind: 'authorized', charge });
  await payment.waitFor('authorized');
  return payment;
}

/** The channel has captured, its answer is lost, and so is the workflow that waits for it. */
async function lostInCapture(payment: StagedPayment, amountMinor: string, id: string): Promise<void> {
  channel.before = (kind) => {
    if (kind === 'capture') throw new Error('lost');
  };
  const asked = payment.ask({ kind: 'capture', amountMinor, isFinal: false }, id).catch(() => undefined);
  await until('captured there', () => channel.captures.has(`${payment.reference(1)}.c1`));
  await payment.handle.terminate();
  await asked;
  channel.before = () => undefined;
}

const taken = (payment: StagedPayment) =>
  [...channel.captures].filter(([reference]) => reference.startsWith(payment.reference(1)));

test('a resumed payment first finishes the capture that its last run left without an end', async () => {
  const payment = await reserved();
  await lostInCapture(payment, '4000', 'first');
  await payment.resume();
  await until('on the books', async () => (await payment.state()).capturedMinor === '4000');
  expect(await payment.charges()).toEqual(['payment 4000']);

  const after = await payment.ask({ kind: 'capture', amountMinor: '6000', isFinal: false });
  expect(after).toMatchObject({ status: 'succeeded', capturedMinor: '10000' });
  expect(taken(payment).map(([, amount]) => amount)).toEqual([4000n, 6000n]);
});

test('the same request is the same capture, even if it asks another amount now', async () => {
  const payment = await reserved();
  await lostInCapture(payment, '4000', 'again');
  await payment.resume();
  const after = await payment.ask({ kind: 'capture', amountMinor: '5000', isFinal: false }, 'again');
  expect(after).toMatchObject({ status: 'authorized', capturedMinor: '4000' });
  expect(taken(payment)).toHaveLength(1);
});

test('where the channel’s configuration is gone it stays reserved, in sight, until it is there again', async () => {
  const payment = await reserved();
  await lostInCapture(payment, '4000', 'gone');
  stage.channel = undefined;
  await payment.resume();
  await until('a person can see it', async () => (await payment.attention()).includes('channel_removed'));
  await expect(payment.ask({ kind: 'capture', isFinal: false })).rejects.toMatchObject({
    cause: { type: 'CommandRefused', details: [{ error: { code: 'capture_in_doubt' } }] },
  });
  expect(await payment.state()).toMatchObject({ status: 'authorized', capturedMinor: '0' });

  stage.channel = channel;
  const after = await payment.ask({ kind: 'capture', isFinal: false });
  expect(after).toMatchObject({ status: 'succeeded', capturedMinor: '10000' });
  expect(taken(payment).map(([, amount]) => amount)).toEqual([4000n, 6000n]);
  expect(await payment.charges()).toEqual(['payment 4000', 'payment 6000']);
  expect(await payment.attention()).toEqual([]);
});

test('a capture that the channel refuses is told as that, and can be asked for again', async () => {
  const payment = await reserved();
  const { onCapture } = channel;
  channel.onCapture = () => ({ kind: 'declined', error: { code: 'not_capturable', message: 'Not now.' } });
  await expect(payment.ask({ kind: 'capture', isFinal: false })).rejects.toMatchObject({
    cause: { details: [{ code: 'channel_refused', error: { code: 'not_capturable' } }] },
  });
  channel.onCapture = onCapture;
  expect(await payment.state()).toMatchObject({
    status: 'authorized',
    lastError: { code: 'not_capturable', message: 'Not now.' },
  });
  await payment.ask({ kind: 'capture', isFinal: false });
  const { rows } = await stage.database.query<{ type: string }>(
    'select type from payment_events where payment_id = $1 order by version offset 2',
    [payment.request.paymentId],
  );
  expect(rows.map(({ type }) => type)).toEqual([
    'payment.authorized',
    'payment.capture_failed',
    'payment.succeeded',
  ]);
});

const providerRefs = async ({ request }: StagedPayment) => {
  const { rows } = await stage.database.query<{ ref: string }>(
    'select provider_ref as ref from provider_charges where payment_id = $1 order by provider_ref',
    [request.paymentId],
  );
  return rows.map(({ ref }) => ref);
};

describe('a capture that the channel has nothing for', () => {
  const refuse = async (payment: StagedPayment) => {
    const { onCapture } = channel;
    channel.onCapture = () => ({ kind: 'declined', error: { code: 'not_capturable', message: 'Nothing.' } });
    await expect(payment.ask({ kind: 'capture', isFinal: false })).rejects.toMatchObject({
      cause: { details: [{ code: 'channel_refused', error: { code: 'not_capturable' } }] },
    });
    channel.onCapture = onCapture;
  };
  const chargeOf = (payment: StagedPayment, amountMinor = '10000') => ({
    ...{ providerRef: numberOf(payment.reference(1)), amountMinor, currency: 'USD' },
  });

  test('because its reservation is over there ends the payment, without news of it', async () => {
    const payment = await reserved();
    channel.charges.set(payment.reference(1), { kind: 'cancelled' });
    await refuse(payment);
    await payment.waitFor('cancelled');
    expect(await payment.charges()).toEqual([]);
  });

  test('because somebody captured it there is on the books', async () => {
    const payment = await reserved();
    channel.charges.set(payment.reference(1), { kind: 'succeeded', charge: chargeOf(payment) });
    await refuse(payment);
    await payment.waitFor('succeeded');
    expect(await payment.charges()).toEqual(['payment 10000']);
  });

  test('because its rest is given back there leaves what was captured', async () => {
    const payment = await reserved();
    await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
    channel.charges.set(payment.reference(1), { kind: 'cancelled' });
    await refuse(payment);
    await payment.waitFor('succeeded');
    expect(await payment.state()).toMatchObject({ capturedMinor: '4000' });
    expect(await payment.charges()).toEqual(['payment 4000']);
  });

  test('because it captures once is on the books once', async () => {
    const payment = await reserved();
    await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
    const [captured] = await providerRefs(payment);
    const charge = { ...chargeOf(payment, '4000'), providerRef: captured ?? '' };
    channel.charges.set(payment.reference(1), { kind: 'succeeded', charge });
    await refuse(payment);
    expect(await payment.charges()).toEqual(['payment 4000']);
    expect(await payment.state()).toMatchObject({ capturedMinor: '4000' });
    expect(await payment.attention()).toEqual([]);
  });

  test('changes nothing where it does not say why', async () => {
    const payment = await reserved();
    channel.charges.set(payment.reference(1), {
      kind: 'unknown',
      error: { code: 'provider_unreachable', message: 'Away.' },
    });
    await refuse(payment);
    expect((await payment.state()).status).toBe('authorized');
    channel.charges.set(payment.reference(1), { kind: 'authorized', charge: chargeOf(payment) });
    const after = await payment.ask({ kind: 'capture', isFinal: false });
    expect(after).toMatchObject({ status: 'succeeded', capturedMinor: '10000' });
  });
});

test('one request captures once however often it is asked, and anew after a refusal', async () => {
  const payment = await reserved();
  const capture = (updateId: string) =>
    payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false }, 'asked', updateId);
  const { onCapture } = channel;
  channel.onCapture = () => ({ kind: 'declined', error: { code: 'not_capturable', message: 'Not now.' } });
  await expect(capture('asked')).rejects.toMatchObject({ cause: { type: 'CommandRefused' } });
  channel.onCapture = onCapture;
  await expect(capture('asked')).rejects.toMatchObject({ cause: { type: 'CommandRefused' } });

  await expect(capture('asked.1')).resolves.toMatchObject({ capturedMinor: '4000' });
  await expect(capture('asked.2')).resolves.toMatchObject({ capturedMinor: '4000' });
  await Promise.all([capture('asked.3'), capture('asked.4')]);
  expect(taken(payment)).toEqual([[`${payment.reference(1)}.c2`, 4000n]]);
  expect(await payment.charges()).toEqual(['payment 4000']);
});

test('a capture that was in doubt is found by the request that asked for it, and is not made twice', async () => {
  const payment = await reserved();
  await lostInCapture(payment, '4000', 'doubt');
  stage.channel = undefined;
  await payment.resume();
  const capture = (updateId: string) =>
    payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false }, 'doubt', updateId);
  await expect(capture('doubt')).rejects.toMatchObject({
    cause: { details: [{ error: { code: 'capture_in_doubt' } }] },
  });
  stage.channel = channel;
  await expect(capture('doubt.1')).resolves.toMatchObject({ status: 'authorized', capturedMinor: '4000' });
  expect(await payment.charges()).toEqual(['payment 4000']);
});
