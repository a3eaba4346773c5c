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
