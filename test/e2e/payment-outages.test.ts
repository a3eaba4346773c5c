import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import type { Reply } from '../support/api';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

const openWithinMs = 6_000;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    throughProxies: true,
    settings: {
      DATABASE_STATEMENT_TIMEOUT_MS: '1000',
      PAYMENT_ANSWER_WITHIN_MS: '2000',
      PAYMENT_OPEN_WITHIN_MS: String(openWithinMs),
      WEBHOOK_SWEEP_AFTER_MS: '1',
    },
  });
});
afterAll(() => platform?.close());
afterEach(async () => {
  platform.sandbox.clearFaults();
  platform.proxies.database.resume();
  platform.proxies.temporal.resume();
  await until(
    'the platform is well again',
    async () => (await platform.call('GET', '/readyz')).status === 200,
  );
});

function expect503(reply: Reply): void {
  expect(reply.status).toBe(503);
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(reply.text).toMatch(/same (request|orderId)/);
}

/** What a merchant does who was told to: the same orderId, until there is an answer. */
async function repeatUntilStarted(order: Record<string, unknown>): Promise<PaymentBody> {
  return until('the payment is started', async () => {
    const reply = await platform.startPayment(order);
    if (reply.status === 503) return undefined;
    expect([200, 201, 202]).toContain(reply.status);
    return platform.waitForStatus((reply.body as PaymentBody).id, 'requires_action');
  });
}

async function payAndCount(payment: PaymentBody): Promise<void> {
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const { rows } = await platform.database.query(
    `select (select count(*)::int from payments where order_id = $1) as payments,
            (select count(*)::int from provider_charges where payment_id = $2) as charges`,
    [payment.orderId, payment.id.slice(4)],
  );
  expect(rows).toEqual([{ payments: 1, charges: 1 }]);
  const ofOrder = platform.sandbox.book().filter(({ reference }) => reference.startsWith(payment.id));
  expect(ofOrder.reduce((sum, { charges }) => sum + charges, 0)).toBe(1);
}

const ready = () => platform.call('GET', '/readyz');

describe('Temporal is away', () => {
  it('starts are answered 503, reading goes on, events are taken in; afterwards all of it continues', async () => {
    const open = await platform.openPayment();
    const order = anOrder();
    platform.proxies.temporal.cut();
    const [refused, readiness] = await Promise.all([platform.startPayment(order), ready()]);
    expect503(refused);
    expect(readiness.status).toBe(503);
    expect((await platform.readPayment(open.id)).status).toBe('requires_action');

    const raw = JSON.stringify(kpayEvent(`${open.id}-1`));
    const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
    const acknowledged = await platform.call('POST', platform.webhookPath, { raw, headers });
    expect(acknowledged.status).toBe(200);

    platform.proxies.temporal.resume();
    await payAndCount(await repeatUntilStarted(order));
    // Its signal was lost; what was acknowledged is found by the sweep.
    await platform.sweep('webhooks');
    await platform.waitForStatus(open.id, 'succeeded');
  });

  it('in the middle of a payment: it is answered, and goes on from where it stood', async () => {
    const called = platform.sandbox.addFault({
      kind: 'delay_before',
      operation: 'create',
      count: 1,
      ms: 500,
    });
    const order = anOrder();
    const answer = platform.startPayment(order);
    await until('the channel is called', () => called.struck > 0);
    platform.proxies.temporal.cut();
    const reply = await answer;
    expect(reply.status).toBe(201);
    platform.proxies.temporal.resume();
    await payAndCount(reply.body as PaymentBody);
    expect(platform.sandbox.find(`${(reply.body as PaymentBody).id}-1`)).toMatchObject({ charges: 1 });
  });
});

describe('PostgreSQL is away', () => {
  it('everything is answered 503, webhooks too, and the provider’s next try is heard', async () => {
    const open = await platform.openPayment();
    const order = anOrder();
    platform.proxies.database.cut();
    expect503(await platform.startPayment(order));
    const path = `/api/v1/payments/${open.id}`;
    expect503(await platform.call('GET', path, { key: platform.merchant.apiKey }));
    expect((await ready()).status).toBe(503);
    await platform.checkout(open, 'pay');
    const raw = JSON.stringify(kpayEvent(`${open.id}-1`));
    const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
    expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(503);

    platform.proxies.database.resume();
    await platform.waitForStatus(open.id, 'succeeded');
    await payAndCount(await repeatUntilStarted(order));
  });

  it('silent instead of gone: the answer is 503 all the same, and soon', async () => {
    await platform.openPayment();
    const order = anOrder();
    platform.proxies.database.hold();
    const startedAt = Date.now();
    expect503(await platform.startPayment(order));
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    platform.proxies.database.resume();
    await payAndCount(await repeatUntilStarted(order));
  });

  it('between the channel’s answer and writing it down: the payment ends right, charged once', async () => {
    platform.sandbox.addFault({ kind: 'delay_after', operation: 'create', count: 1, ms: 400 });
    const order = anOrder();
    const before = platform.sandbox.book().length;
    const answer = platform.startPayment(order);
    await until('the order at the channel', () => platform.sandbox.book().length > before);
    platform.proxies.database.cut();
    expect503(await answer);
    platform.proxies.database.resume();
    await payAndCount(await repeatUntilStarted(order));
  });

  it('for too long: nothing was written, the run fails, and the same orderId starts again', async () => {
    const order = anOrder();
    const first = platform.temporal.workflow.getHandle(platform.workflowId(order.orderId));
    // What is needed to let a request in is remembered for a moment, which a busy machine may miss.
    await until('one is let in while the database is away', async () => {
      platform.proxies.database.resume();
      await platform.openPayment();
      platform.proxies.database.cut();
      expect503(await platform.startPayment(order));
      return first.describe().then(Boolean, () => false);
    });
    await new Promise((resolve) => setTimeout(resolve, openWithinMs));
    platform.proxies.database.resume();
    await expect(first.result()).rejects.toMatchObject({
      cause: { cause: { type: 'OpenWindowPassed' } },
    });
    expect(
      (await platform.database.query('select 1 from payment_keys where order_id = $1', [order.orderId]))
        .rowCount,
    ).toBe(0);
    const reply = await platform.startPayment(order);
    expect(reply.status).toBe(201);
    await payAndCount(reply.body as PaymentBody);
  });
});
