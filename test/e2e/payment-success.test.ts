import { recordedHistory } from '../support/history';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

describe('a payment that is paid', () => {
  const order = anOrder({ amount: '734512.37', description: 'Eleven chests of Oolong' });
  let payment: PaymentBody;

  it('is answered with where the customer goes', async () => {
    const reply = await platform.startPayment(order);
    payment = reply.body as PaymentBody;
    expect(reply.status).toBe(201);
    expect(payment).toMatchObject({
      orderId: order.orderId,
      status: 'requires_action',
      amount: '734512.37',
      currency: 'USD',
      description: 'Eleven chests of Oolong',
      attempts: 1,
      lastError: null,
    });
    expect(payment.id).toMatch(/^pay_[0-9a-f]{32}$/);
    expect(payment.nextAction).toMatchObject({ type: 'redirect' });
    expect(payment.nextAction?.url.startsWith(platform.sandbox.url)).toBe(true);
  });

  it('reads the same by orderId and by id', async () => {
    expect(await platform.readPayment(order.orderId)).toEqual(payment);
    expect(await platform.readPayment(payment.id)).toEqual(payment);
  });

  it('succeeds by the webhook, and its merchant hears of it in a signed callback', async () => {
    await platform.checkout(payment, 'pay');
    const event = await platform.callbacks.waitFor(order.orderId, 'payment.succeeded');
    const read = await platform.readPayment(payment.id);
    expect(read).toMatchObject({ status: 'succeeded', nextAction: null, lastError: null });
    expect(event.data.payment).toEqual(read);
    expect(event.id).toMatch(/^evt_/);
    expect(platform.callbacks.forged).toEqual([]);
  });

  it('is charged once, in our books as in the provider’s', async () => {
    expect(platform.sandbox.book()).toMatchObject([
      { reference: `${payment.id}-1`, status: 'paid', amount: 73451237, charges: 1, creates: 1 },
    ]);
    const { rows } = await platform.database.query(
      `select amount::text, currency, disposition from provider_charges`,
    );
    expect(rows).toEqual([{ amount: '73451237', currency: 'USD', disposition: 'payment' }]);
    const inbox = await platform.database.query('select status from webhook_inbox');
    expect(inbox.rows).toEqual([{ status: 'applied' }]);
  });

  it('has a history of at most 16 events and 2 workflow tasks', async () => {
    const workflowId = platform.workflowId(order.orderId);
    await platform.temporal.workflow.getHandle(workflowId).result();
    const { events, workflowTasks } = await recordedHistory(platform.temporal, workflowId);
    expect(events.length).toBeLessThanOrEqual(16);
    expect(workflowTasks).toBeLessThanOrEqual(2);
    expect(events.at(-1)).toBe('WORKFLOW_EXECUTION_COMPLETED');
  });

  it('left nothing readable in Temporal', async () => {
    const { raw } = await recordedHistory(platform.temporal, platform.workflowId(order.orderId));
    for (const secret of ['Oolong', '73451237', '734512.37', '/checkout/', platform.sandbox.url]) {
      expect(raw.includes(secret)).toBe(false);
    }
  });

  it('is found in Temporal by merchant, mode and currency', async () => {
    // Mode is a word of the query language too, hence its quotes.
    const query = `MerchantId = "${platform.merchant.publicId}" and \`Mode\` = "test" and Currency = "USD"`;
    const found = await until('the payment by its search attributes', async () => {
      for await (const { workflowId } of platform.temporal.workflow.list({ query })) return workflowId;
      return undefined;
    });
    expect(found).toBe(platform.workflowId(order.orderId));
  });

  it('belongs to its merchant: to another it does not exist', async () => {
    const { apiKey } = await platform.stranger();
    for (const id of [payment.id, order.orderId]) {
      const reply = await platform.call('GET', `/api/v1/payments/${id}`, { key: apiKey });
      expect(reply.status).toBe(404);
    }
  });
});

describe('a payment that is declined', () => {
  it('keeps waiting, says why, and tells its merchant', async () => {
    const payment = await platform.openPayment();
    await platform.checkout(payment, 'decline');
    const event = await platform.callbacks.waitFor(payment.orderId, 'payment.attempt_failed');
    expect(event.data.payment).toMatchObject({
      status: 'requires_action',
      nextAction: null,
      lastError: { code: 'card_declined', rawCode: 'card_declined' },
    });
    expect(await platform.readPayment(payment.id)).toEqual(event.data.payment);
    expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ status: 'failed', charges: 0 });
  });
});
