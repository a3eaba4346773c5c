import { brokenInvariants } from '../support/invariants';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { OPEN_PAYMENT_OVERDUE_MS: '1', PAYMENT_FIRST_POLL_MS: '600', SWEEP_INTERVAL_MS: '3600000' },
  });
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

const handleOf = ({ orderId }: PaymentBody) =>
  platform.temporal.workflow.getHandle(platform.workflowId(orderId));

const isOverdue = async ({ id }: PaymentBody) => {
  const { rowCount } = await platform.database.query(
    `select 1 from payments where id = $1 and wake_at < now() - interval '50 ms'`,
    [id.slice(4)],
  );
  return rowCount === 1;
};

it.each([
  ['terminated', (payment: PaymentBody) => handleOf(payment).terminate('lost')],
  ['forgotten', (payment: PaymentBody) => platform.forget(platform.workflowId(payment.orderId))],
])(
  'an open payment whose workflow was %s is resumed, and finds out by itself that it was paid',
  async (_how, lose) => {
    platform.sandbox.addFault({ kind: 'webhook_lost' });
    const payment = await platform.openPayment();
    await lose(payment);
    await platform.checkout(payment, 'pay');
    await until('it is overdue', () => isOverdue(payment));
    await platform.sweep('payments');
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ creates: 1, charges: 1 });
  },
);

it('a webhook resumes it without any sweep', async () => {
  const payment = await platform.openPayment();
  await handleOf(payment).terminate('lost');
  await platform.checkout(payment, 'pay');
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
});

it('asked for again meanwhile, it is the same payment, and is resumed', async () => {
  platform.sandbox.addFault({ kind: 'webhook_lost' });
  const order = anOrder();
  const payment = await platform.openPayment(order);
  await handleOf(payment).terminate('lost');
  const again = await platform.startPayment(order);
  expect(again.status).toBe(200);
  expect((again.body as PaymentBody).id).toBe(payment.id);
  await platform.checkout(payment, 'pay');
  await until('it is overdue', () => isOverdue(payment));
  await platform.sweep('payments');
  await platform.waitForStatus(payment.id, 'succeeded');
});

it('one that is only slow is left alone', async () => {
  platform.sandbox.addFault({ kind: 'delay_before', operation: 'query', count: 1, ms: 1_500 });
  const payment = await platform.openPayment();
  const before = await handleOf(payment).describe();
  await until(
    'it is polling',
    async () => (await handleOf(payment).describe()).historyLength > before.historyLength + 3,
  );
  await platform.sweep('payments');
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  expect((await handleOf(payment).describe()).runId).toBe(before.runId);
});

it('nothing was charged twice, and nothing is missing', async () => {
  expect(await brokenInvariants(platform.database, platform.sandbox.book())).toEqual([]);
});
