import type { FaultKind, FaultSpec } from '../../dev/sandboxes/parts/faults';
import { attentionOf } from '../support/attention';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { addKpay, configurePayments } from '../support/platform-merchant';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { CHANNEL_FAST_TIMEOUT_MS: '400', CHANNEL_TIMEOUT_MS: '2500', PAYMENT_ANSWER_WITHIN_MS: '700' },
  });
});
afterAll(() => platform?.close());
afterEach(async () => {
  platform.sandbox.clearFaults();
  // A success in between, or the breaker would rest the channel after five failures in a row.
  const { payment } = await started();
  await platform.waitForStatus(payment.id, 'requires_action');
});

const onCreate = (kind: FaultKind, over: Partial<FaultSpec> = {}) =>
  platform.sandbox.addFault({ kind, operation: 'create', count: 1, ...over });

/** Starts it, whatever the answer: what counts is where it ends. */
async function started(): Promise<{ order: ReturnType<typeof anOrder>; payment: PaymentBody }> {
  const order = anOrder();
  const reply = await platform.startPayment(order);
  expect([201, 202, 503]).toContain(reply.status);
  if (reply.status === 503) expect(reply.headers.get('retry-after')).toBe('2');
  const payment = await until('the payment is there', async () => {
    const found = await platform.call('GET', `/api/v1/payments/${order.orderId}`, {
      key: platform.merchant.apiKey,
    });
    return found.status === 200 && (found.body as PaymentBody);
  });
  return { order, payment };
}

describe('a creation whose answer is bad is repeated under its own number, and charged once', () => {
  const kinds: FaultKind[] = [
    'timeout_after',
    'timeout_before',
    'error_after',
    'error_before',
    'drop_after',
    'drop_before',
    'garbage',
    'unknown_status',
    'huge',
    'endless',
  ];
  it.each(kinds)('%s', async (kind) => {
    const fault = onCreate(kind);
    const { payment } = await started();
    const open = await platform.waitForStatus(payment.id, 'requires_action');
    expect(fault.struck).toBe(1);
    await platform.checkout(open, 'pay');
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ status: 'paid', charges: 1 });
    const { rows } = await platform.database.query('select 1 from provider_charges where payment_id = $1', [
      payment.id.slice(4),
    ]);
    expect(rows).toHaveLength(1);
  });
});

describe('when nobody knows what became of the creation', () => {
  it('the payment is unknown, is on the operators’ list, and a query resolves it', async () => {
    onCreate('timeout_after', { count: 2 });
    const { order, payment } = await started();
    await platform.waitForStatus(payment.id, 'unknown');
    await until('a person could see it', async () =>
      (await attentionOf(platform, order.orderId)).includes('unknown'),
    );
    const open = await platform.waitForStatus(payment.id, 'requires_action');
    await platform.checkout(open, 'pay');
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(await attentionOf(platform, order.orderId)).toEqual([]);
    expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ charges: 1 });
  });

  it('a webhook that tells it first is as good, and takes it off the list', async () => {
    onCreate('timeout_after', { count: 2 });
    platform.sandbox.addFault({ kind: 'error_before', operation: 'query' });
    const { order, payment } = await started();
    await platform.waitForStatus(payment.id, 'unknown');
    const { checkout_path } = platform.sandbox.find(`${payment.id}-1`) ?? {};
    const url = `${platform.sandbox.url}${checkout_path}`;
    await platform.checkout({ ...payment, nextAction: { type: 'redirect', url } }, 'pay');
    await platform.waitForStatus(payment.id, 'succeeded');
    await platform.temporal.workflow.getHandle(platform.workflowId(order.orderId)).result();
    expect(await attentionOf(platform, order.orderId)).toEqual([]);
    expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ charges: 1 });
  });

  it('a creation that never arrived ends the payment, and says what to do', async () => {
    onCreate('timeout_before', { count: 2 });
    const { payment } = await started();
    const failed = await platform.waitForStatus(payment.id, 'failed');
    expect(failed.lastError?.code).toBe('never_arrived');
    expect(failed.lastError?.message).toMatch(/new orderId/);
    expect(platform.sandbox.find(`${payment.id}-1`)).toBeUndefined();
  });
});

describe('with a second channel', () => {
  beforeAll(async () => {
    // After the first in the order of preference; the same account, so that one book holds both.
    await addKpay(platform.database, platform.secretBox, { baseUrl: platform.sandbox.url });
    await configurePayments(platform, platform.merchant, { channels: ['kpay'] });
    // Configuration is kept for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  });

  it('what the first certainly did not do, the second does', async () => {
    onCreate('not_processed');
    const payment = await platform.openPayment();
    expect(payment).toMatchObject({ status: 'requires_action', attempts: 2 });
    await platform.checkout(payment, 'pay');
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(platform.sandbox.find(`${payment.id}-1`)).toBeUndefined();
    expect(platform.sandbox.find(`${payment.id}-2`)).toMatchObject({ charges: 1 });
  });

  it('what the first may have done, the second is not asked for before it is known', async () => {
    onCreate('timeout_before', { count: 2 });
    const { payment } = await started();
    await platform.waitForStatus(payment.id, 'unknown');
    expect(platform.sandbox.find(`${payment.id}-2`)).toBeUndefined();
    const open = await platform.waitForStatus(payment.id, 'requires_action');
    expect(open.attempts).toBe(2);
    expect(platform.sandbox.find(`${payment.id}-1`)).toBeUndefined();
    expect(platform.sandbox.find(`${payment.id}-2`)).toMatchObject({ status: 'pending' });
  });

  it('when neither can, the payment waits for an operator and says so', async () => {
    // Once at the first, and at the last as often as it may be tried.
    onCreate('not_processed', { count: 4 });
    const { payment } = await started();
    expect(payment).toMatchObject({
      status: 'pending',
      attempts: 2,
      nextAction: { type: 'wait' },
      lastError: { code: 'no_channel' },
    });
  });
});
