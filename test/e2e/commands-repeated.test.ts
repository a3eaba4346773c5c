import { disputesOn } from '../support/disputes';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';

/** The answer to a request was lost with the process that had it: the same request comes again, with its key. */
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.database.query(
    `update payment_configs set attempts_max = 5, review_above = '{"USD": "50000"}', review_within_ms = 600000`,
  );
});
afterAll(() => platform?.close());

let keys = 0;

async function askTwice(
  { id }: PaymentBody,
  what: string,
  body: object = {},
  { key = platform.merchant.apiKey, meanwhile }: { key?: string; meanwhile?: () => Promise<unknown> } = {},
) {
  const header = `repeated-${(keys += 1)}`;
  const ask = () =>
    platform.call('POST', `/api/v1/payments/${id}/${what}`, {
      ...{ key, body },
      headers: { 'Idempotency-Key': header },
    });
  const first = await ask();
  expect(first.status).toBe(200);
  await meanwhile?.();
  await platform.database.query(
    'update idempotency_keys set response_status = null, response_body = null, locked_until = null where key = $1',
    [header],
  );
  const second = await ask();
  expect([second.status, second.body]).toEqual([200, first.body]);
  return second.body as PaymentBody;
}

const review = async () => (await platform.startPayment(anOrder({ amount: '9000' }))).body as PaymentBody;

test('a cancellation is answered again', async () => {
  await askTwice(await platform.openPayment(), 'cancel', { reason: 'the customer left' });
});

test('so is one that let the rest of a reservation go', async () => {
  const begun = await platform.startPayment(anOrder({ amount: '100', currency: 'USD', capture: 'manual' }));
  const payment = begun.body as PaymentBody;
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'authorized');
  await askTwice(payment, 'capture', { amount: '30' });
  const released = await askTwice(payment, 'cancel', { reason: 'the rest is out of stock' });
  expect(released).toMatchObject({ status: 'succeeded', capturedAmount: '30.00' });
});

test.each(['reject', 'approve'])('a decision is answered again: %s', async (decision) => {
  const decided = await askTwice(
    await review(),
    'review',
    { decision, reason: 'looked at' },
    { key: platform.operatorKey },
  );
  expect(decided.status).toBe(decision === 'reject' ? 'rejected' : 'requires_action');
});

test('an attempt is answered again, and no other is made, not even by a new run', async () => {
  const payment = await platform.openPayment();
  const again = await askTwice(
    payment,
    'attempts',
    {},
    {
      meanwhile: () =>
        platform.temporal.workflow.getHandle(platform.workflowId(payment.orderId)).terminate('lost'),
    },
  );
  expect(again).toMatchObject({ attempts: 2, status: 'requires_action' });
});

test('another request is another command', async () => {
  const payment = await platform.openPayment();
  await askTwice(payment, 'cancel');
  const other = await platform.call('POST', `/api/v1/payments/${payment.id}/cancel`, {
    ...{ key: platform.merchant.apiKey, body: {} },
    headers: { 'Idempotency-Key': 'another' },
  });
  expect([other.status, other.body]).toMatchObject([409, { error: { code: 'payment_closed' } }]);
});

describe('a refused request that is repeated with its key', () => {
  const configured = async (isOn: boolean) => {
    await platform.database.query('update channel_configs set is_enabled = $1', [isOn]);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
  };
  const attempt = ({ id }: PaymentBody, header: string) =>
    platform.call('POST', `/api/v1/payments/${id}/attempts`, {
      ...{ key: platform.merchant.apiKey, body: {} },
      headers: { 'Idempotency-Key': header },
    });
  const refused = { status: 409, body: { error: { code: 'channel_refused' } } };
  afterEach(() => configured(true));

  test('is looked at anew, and two at once are one', async () => {
    const payment = await platform.openPayment();
    await configured(false);
    expect(await attempt(payment, 'anew')).toMatchObject(refused);
    expect(await attempt(payment, 'anew')).toMatchObject(refused);
    await configured(true);
    const replies = await Promise.all([attempt(payment, 'anew'), attempt(payment, 'anew')]);
    for (const reply of replies) {
      if (reply.status === 200) expect(reply.body).toMatchObject({ attempts: 2, status: 'requires_action' });
      else expect(reply.body).toMatchObject({ error: { code: 'idempotency_in_progress' } });
    }
    expect(await attempt(payment, 'anew')).toMatchObject({ status: 200, body: { attempts: 2 } });
    expect((await platform.readPayment(payment.id)).attempts).toBe(2);
  });

  test('hears the refusal once more if the process died that had it to tell, and is then looked at anew', async () => {
    const payment = await platform.openPayment();
    await configured(false);
    expect(await attempt(payment, 'unheard')).toMatchObject(refused);
    await platform.database.query('update idempotency_keys set refusals = 0 where key = $1', ['unheard']);
    await configured(true);
    expect(await attempt(payment, 'unheard')).toMatchObject(refused);
    expect(await attempt(payment, 'unheard')).toMatchObject({ status: 200, body: { attempts: 2 } });
  });

  test('captures once, also when two of it are at work', async () => {
    const { body } = await platform.startPayment(anOrder({ amount: '100', capture: 'manual' }));
    const payment = body as PaymentBody;
    const capture = () =>
      platform.call('POST', `/api/v1/payments/${payment.id}/capture`, {
        ...{ key: platform.merchant.apiKey, body: { amount: '40' } },
        headers: { 'Idempotency-Key': 'captured' },
      });
    expect(await capture()).toMatchObject({ status: 409, body: { error: { code: 'not_capturable' } } });
    await platform.checkout(payment, 'pay');
    await platform.waitForStatus(payment.id, 'authorized');
    platform.sandbox.addFault({ kind: 'delay_before', operation: 'capture', count: 1, ms: 1_500 });
    const first = capture();
    await new Promise((resolve) => setTimeout(resolve, 700));
    // As if the first one's process had died while its workflow goes on.
    await platform.database.query(`update idempotency_keys set locked_until = now() where key = 'captured'`);
    for (const reply of [await capture(), await first]) {
      expect(reply).toMatchObject({ status: 200, body: { capturedAmount: '40.00', status: 'authorized' } });
    }
    const [order] = platform.sandbox.book().filter(({ reference }) => reference.startsWith(payment.id));
    expect(order).toMatchObject({ charges: 1, captures: [{ amount: 4000, effects: 1 }] });
  });
});

test('two clicks are one attempt for ever, whatever became of the run and of both answers', async () => {
  const payment = await platform.openPayment();
  const click = (header: string) =>
    platform.call('POST', `/api/v1/payments/${payment.id}/attempts`, {
      ...{ key: platform.merchant.apiKey, body: {} },
      headers: { 'Idempotency-Key': header },
    });
  const forget = () =>
    platform.database.query(
      `update idempotency_keys set response_status = null, response_body = null, locked_until = null where key like 'click-%'`,
    );
  platform.sandbox.addFault({ kind: 'delay_before', operation: 'create', count: 1, ms: 1_000 });
  const first = click('click-1');
  await new Promise((resolve) => setTimeout(resolve, 400));
  const both = await Promise.all([first, click('click-2')]);
  for (const reply of both) expect(reply).toMatchObject({ status: 200, body: { attempts: 2 } });

  await forget();
  await platform.temporal.workflow.getHandle(platform.workflowId(payment.orderId)).terminate('lost');
  expect(await click('click-2')).toMatchObject({ status: 200, body: { attempts: 2 } });

  await platform.checkout(both[0].body as PaymentBody, 'pay');
  await platform.sweep('payments');
  await platform.waitForStatus(payment.id, 'succeeded');
  await forget();
  for (const header of ['click-1', 'click-2']) {
    expect(await click(header)).toMatchObject({ status: 200, body: { attempts: 2, status: 'succeeded' } });
  }
});

test('a refund that is done is answered again, although its payment is disputed now', async () => {
  const disputes = disputesOn(platform);
  const payment = await disputes.paidPayment();
  const refund = () =>
    platform.call('POST', '/api/v1/refunds', {
      ...{ key: platform.merchant.apiKey, body: { paymentId: payment.id, amount: '10', reason: 'late' } },
      headers: { 'Idempotency-Key': 'refund-1' },
    });
  const first = await refund();
  expect(first.status).toBe(201);
  await platform.database.query(
    `update idempotency_keys set response_status = null, response_body = null, locked_until = null where key = 'refund-1'`,
  );
  await disputes.open(payment);
  await platform.waitForStatus(payment.id, 'disputed');
  const { id } = first.body as { id: string };
  expect(await refund()).toMatchObject({ status: 201, body: { id, status: 'succeeded' } });
});
