import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const ask = (id: string, what: string, body: object = {}) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key: platform.merchant.apiKey, body });

async function authorized(amount = '100'): Promise<PaymentBody> {
  const payment = (await platform.startPayment(anOrder({ amount, currency: 'USD', capture: 'manual' })))
    .body as PaymentBody;
  await platform.checkout(payment, 'pay');
  return platform.waitForStatus(payment.id, 'authorized');
}

async function booked(payment: PaymentBody): Promise<string[]> {
  const { rows } = await platform.database.query<{ line: string }>(
    `select j.kind || ' ' || max(l.amount)::text as line from ledger_journals j, unnest(j.amounts) l (amount)
     where j.reference like $1 || '%' group by j.tx, j.id, j.kind, j.recorded_at order by j.recorded_at`,
    [payment.id],
  );
  return rows.map(({ line }) => line);
}

async function configure(set: string): Promise<void> {
  await platform.database.query(`update payment_configs set ${set}`);
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
}

test('money that is only reserved moves no books, and a full capture takes it', async () => {
  const payment = await authorized();
  expect(payment).toMatchObject({ capturedAmount: '0.00' });
  expect(await booked(payment)).toEqual([]);
  const captured = await ask(payment.id, 'capture');
  expect(captured).toMatchObject({ status: 200, body: { status: 'succeeded', capturedAmount: '100.00' } });
  expect(await booked(payment)).toEqual(['capture 10000']);
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
});

test('several partial captures add up, and the last one releases the rest', async () => {
  const payment = await authorized();
  expect(await ask(payment.id, 'capture', { amount: '30' })).toMatchObject({
    body: { status: 'authorized', capturedAmount: '30.00' },
  });
  expect(await ask(payment.id, 'capture', { amount: '80' })).toMatchObject({
    status: 422,
    body: { error: { code: 'capture_exceeds_authorized' } },
  });
  expect(await ask(payment.id, 'capture', { amount: '20.50', isFinal: true })).toMatchObject({
    body: { status: 'succeeded', capturedAmount: '50.50', amount: '100.00' },
  });
  expect(await booked(payment)).toEqual(['capture 3000', 'capture 2050']);
});

test('many captures at once never take more than was reserved', async () => {
  const payment = await authorized();
  const replies = await Promise.all(
    Array.from({ length: 7 }, () => ask(payment.id, 'capture', { amount: '20' })),
  );
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'succeeded',
    capturedAmount: '100.00',
  });
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({
    captures: Array(5).fill({ amount: 2000 }),
  });
});

test('a capture whose answer was lost is captured once', async () => {
  const payment = await authorized();
  platform.sandbox.addFault({ kind: 'drop_after', operation: 'capture', count: 1 });
  await ask(payment.id, 'capture', { amount: '40' });
  await until(
    'captured',
    async () =>
      ((await platform.readPayment(payment.id)) as unknown as { capturedAmount: string }).capturedAmount ===
      '40.00',
  );
  expect(await booked(payment)).toEqual(['capture 4000']);
});

test('a capture that a lost workflow left without an end is made again under its own number', async () => {
  const payment = await authorized();
  await platform.database.query(
    `insert into payment_captures (payment_id, capture_no, reference, amount, is_final, status, cause)
     values ($1, 1, $2, 4000, false, 'sending', '{}')`,
    [payment.id.slice(4), `${payment.id}-1.c1`],
  );
  expect(await ask(payment.id, 'capture', { amount: '40' })).toMatchObject({ status: 200 });
  const { rows } = await platform.database.query(
    'select capture_no, status from payment_captures where payment_id = $1',
    [payment.id.slice(4)],
  );
  expect(rows).toEqual([{ capture_no: 1, status: 'succeeded' }]);
});

test('a reservation can be cancelled, and is void at the channel', async () => {
  const payment = await authorized();
  expect(await ask(payment.id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ status: 'cancelled' });
  expect(await ask(payment.id, 'capture')).toMatchObject({
    status: 409,
    body: { error: { code: 'payment_closed' } },
  });
});

test('a cancellation after a part is captured releases the rest at once, and repeated is answered the same', async () => {
  const payment = await authorized();
  expect((await ask(payment.id, 'capture', { amount: '30' })).status).toBe(200);
  const again = { 'idempotency-key': `release-${payment.id}` };
  const body = { reason: 'the rest is out of stock' };
  const cancel = () =>
    platform.call('POST', `/api/v1/payments/${payment.id}/cancel`, {
      key: platform.merchant.apiKey,
      headers: again,
      body,
    });
  const released = await cancel();
  expect(released).toMatchObject({
    status: 200,
    body: { status: 'succeeded', capturedAmount: '30.00', amount: '100.00' },
  });
  expect(await cancel()).toMatchObject({ status: 200, body: released.body as object });
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({
    status: 'paid',
    captures: [{ amount: 3000 }],
  });
  expect(await booked(payment)).toEqual(['capture 3000']);
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  const told = await platform.call('GET', `/api/v1/payments/${payment.id}/timeline`, {
    key: platform.merchant.apiKey,
  });
  expect(JSON.stringify(told.body)).toContain(
    'authorized → succeeded – what was not captured was released – the rest is out of stock',
  );
  expect(await ask(payment.id, 'capture')).toMatchObject({
    status: 409,
    body: { error: { code: 'payment_closed' } },
  });
});

test('a capture and a cancellation at once: both are done in one order or the other, and nothing is lost', async () => {
  const payment = await authorized();
  expect((await ask(payment.id, 'capture', { amount: '30' })).status).toBe(200);
  const [captured, cancelled] = await Promise.all([
    ask(payment.id, 'capture', { amount: '20' }),
    ask(payment.id, 'cancel'),
  ]);
  expect(cancelled).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  const sums = captured.status === 200 ? [3000, 2000] : [3000];
  expect(await booked(payment)).toEqual(sums.map((sum) => `capture ${sum}`));
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({
    status: 'paid',
    captures: sums.map((amount) => ({ amount })),
  });
});

test('what is not captured in time is released, as the merchant’s configuration says', async () => {
  await configure(`capture_within_ms = 1000, capture_at_deadline = 'void'`);
  const payment = await authorized();
  expect(await platform.waitForStatus(payment.id, 'expired')).toMatchObject({
    lastError: { code: 'capture_expired' },
  });
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ status: 'cancelled' });
  expect(await booked(payment)).toEqual([]);
});

test('captures that the channel tells of after the end are no late money', async () => {
  const payment = await authorized();
  await ask(payment.id, 'capture', { amount: '20.50', isFinal: true });
  const { order_id } = platform.sandbox.find(`${payment.id}-1`) ?? {};
  const event = kpayEvent(`${payment.id}-1`, { order_id, amount: 10_000, captured_amount: 2_050 });
  const raw = JSON.stringify(event);
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
  const settled = await until('settled', async () => {
    const { rows } = await platform.database.query<{ status: string }>(
      'select status from webhook_inbox where provider_event_id = $1',
      [event.id],
    );
    return rows[0]?.status !== 'received' && rows[0]?.status;
  });
  expect(settled).toBe('ignored');
  expect(await booked(payment)).toEqual(['capture 2050']);
});

test('a part that is captured stays paid and is booked once when the rest is released', async () => {
  await configure(`capture_within_ms = 3000, capture_at_deadline = 'void'`);
  const payment = await authorized();
  expect((await ask(payment.id, 'capture', { amount: '30' })).status).toBe(200);
  const over = await until('over', async () => {
    const now = await platform.readPayment(payment.id);
    return now.status !== 'authorized' && now;
  });
  expect(over).toMatchObject({ status: 'succeeded', capturedAmount: '30.00' });
  expect(await booked(payment)).toEqual(['capture 3000']);
});

test('or captured, if it says so', async () => {
  await configure(`capture_within_ms = 1000, capture_at_deadline = 'capture'`);
  const payment = await authorized();
  expect(await platform.waitForStatus(payment.id, 'succeeded')).toMatchObject({ capturedAmount: '100.00' });
  expect(await booked(payment)).toEqual(['capture 10000']);
});
