import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createFaults } from '../../../dev/sandboxes/parts/faults';
import {
  startKpaySandbox,
  type KpaySandbox,
  type KpaySandboxOptions,
} from '../../../dev/sandboxes/kpay/sandbox';
import { until } from '../../support/until';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver';

interface Reply {
  status: number;
  body: Record<string, unknown> & { error?: { code: string } };
}

describe('the KPay sandbox', () => {
  let receiver: WebhookReceiver;
  const running = new Set<KpaySandbox>();

  beforeEach(async () => {
    receiver = await startWebhookReceiver();
  });
  afterEach(async () => {
    for (const sandbox of running) await sandbox.close();
    running.clear();
    await receiver.close();
  });

  async function start(options: KpaySandboxOptions = {}): Promise<KpaySandbox> {
    const sandbox = await startKpaySandbox({ webhookRetryFirstMs: 10, ...options });
    running.add(sandbox);
    return sandbox;
  }

  async function stop(sandbox: KpaySandbox): Promise<void> {
    running.delete(sandbox);
    await sandbox.close();
  }

  /** Signed by hand, so that the adapter's signature is not the only one ever tried. */
  async function ask(sandbox: KpaySandbox, method: string, target: string, content?: object): Promise<Reply> {
    const timestamp = Math.floor(Date.now() / 1_000);
    const body = content === undefined ? '' : JSON.stringify(content);
    const mac = createHmac('sha256', sandbox.account.apiSecret);
    const answer = await fetch(sandbox.url + target, {
      method,
      headers: {
        'x-kpay-merchant': sandbox.account.merchantId,
        'x-kpay-timestamp': String(timestamp),
        'x-signature': `v1=${mac.update(`${timestamp}.${method}.${target}.${body}`).digest('hex')}`,
      },
      ...(body === '' ? {} : { body }),
    });
    return { status: answer.status, body: (await answer.json()) as Reply['body'] };
  }

  const create = (sandbox: KpaySandbox, no: string, changes: object = {}) =>
    ask(sandbox, 'POST', '/v1/orders', {
      merchant_order_no: no,
      amount: 1_000,
      currency: 'TWD',
      description: 'Tea',
      notify_url: receiver.url,
      expires_at: new Date(Date.now() + 60_000).toISOString(),
      ...changes,
    });

  async function customer(sandbox: KpaySandbox, no: string, what: 'pay' | 'decline'): Promise<Reply> {
    const checkout = sandbox.find(no)!.checkout_path;
    const answer = await fetch(`${sandbox.url}${checkout}/${what}`, {
      method: 'POST',
      headers: { accept: 'application/json' },
    });
    return { status: answer.status, body: (await answer.json()) as Reply['body'] };
  }

  const sent = () =>
    receiver.received.map(({ body }) => JSON.parse(body.toString()) as { id: string; type: string });

  it('refuses requests that are not signed by its merchant, and books nothing', async () => {
    const sandbox = await start();
    const answer = await fetch(`${sandbox.url}/v1/orders`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(401);
    expect(sandbox.book()).toEqual([]);
  });

  it.each([
    [{ amount: 0 }, 422, 'amount_out_of_range'],
    [{ amount: 1.5 }, 400, 'invalid_request'],
    [{ amount: '1' }, 400, 'invalid_request'],
    [{ currency: 'XYZ' }, 422, 'currency_not_supported'],
    [{ notify_url: 'javascript:alert(1)' }, 400, 'invalid_request'],
    [{ return_url: 'data:text/html,x' }, 400, 'invalid_request'],
    [{ expires_at: '2020-01-01T00:00:00.000Z' }, 400, 'invalid_request'],
    [{ merchant_order_no: 'a b' }, 400, 'invalid_request'],
  ])('refuses an order with %j', async (changes, status, code) => {
    const sandbox = await start();
    const reply = await create(sandbox, 'a-1', changes);
    expect(reply).toMatchObject({ status, body: { error: { code } } });
    expect(sandbox.book()).toEqual([]);
  });

  it('takes a payment once: a second click, a decline and a cancellation come too late', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1');
    expect((await customer(sandbox, 'a-1', 'pay')).status).toBe(200);
    expect((await customer(sandbox, 'a-1', 'pay')).body.error?.code).toBe('already_paid');
    expect((await customer(sandbox, 'a-1', 'decline')).status).toBe(409);
    const cancel = await ask(sandbox, 'POST', '/v1/orders/a-1/cancel', {});
    expect(cancel).toMatchObject({ status: 409, body: { error: { code: 'already_paid' } } });
    expect(sandbox.find('a-1')).toMatchObject({ status: 'paid', charges: 1, creates: 1 });
    expect(receiver.received.length).toBeLessThanOrEqual(1);
  });

  it('closes a number that is cancelled before its creation arrives', async () => {
    const sandbox = await start();
    expect((await ask(sandbox, 'POST', '/v1/orders/a-1/cancel', {})).body['status']).toBe('cancelled');
    expect((await create(sandbox, 'a-1')).body.error?.code).toBe('order_closed');
    expect(sandbox.find('a-1')).toMatchObject({ status: 'cancelled', charges: 0 });
  });

  it('expires what is not paid in time, says so, and takes late money only on demand', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1', { expires_at: new Date(Date.now() + 500).toISOString() });
    await receiver.waitFor(1);
    expect(sent()[0]).toMatchObject({ type: 'payment.expired' });
    expect((await customer(sandbox, 'a-1', 'pay')).body.error?.code).toBe('not_payable');
    sandbox.addFault({ kind: 'allow_late_payment', count: 1 });
    expect((await customer(sandbox, 'a-1', 'pay')).status).toBe(200);
    await receiver.waitFor(2);
    expect(sent()[1]).toMatchObject({ type: 'payment.paid' });
    expect(sandbox.find('a-1')).toMatchObject({ status: 'paid', charges: 1 });
  });

  it('keeps its book, and the webhooks it owes, over a restart', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kpay-book-'));
    const stateFile = path.join(folder, 'book.jsonl');
    try {
      const before = await start({ stateFile, webhookRetryFirstMs: 60_000 });
      await create(before, 'a-1');
      await create(before, 'a-2');
      receiver.refuse(1);
      await customer(before, 'a-1', 'pay');
      await receiver.waitFor(1);
      const book = before.book();
      await stop(before);
      // As a kill leaves it: in the middle of a line.
      fs.appendFileSync(stateFile, '{"order":{"orderId":"kp_');

      const after = await start({ stateFile });
      expect(after.book()).toEqual(book);
      await receiver.waitFor(2);
      expect(sent()[1]!.id).toBe(sent()[0]!.id);
      expect((await create(after, 'a-2')).status).toBe(200);
      expect(after.find('a-2')).toMatchObject({ creates: 2, status: 'pending' });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  describe('webhooks', () => {
    it('are repeated until they are taken, under one event id and a fresh signature', async () => {
      const sandbox = await start();
      await create(sandbox, 'a-1');
      receiver.refuse(2);
      await customer(sandbox, 'a-1', 'pay');
      await receiver.waitFor(3);
      expect(new Set(sent().map(({ id }) => id)).size).toBe(1);
    });

    it('come twice, or not at all, on demand', async () => {
      const sandbox = await start();
      sandbox.addFault({ kind: 'webhook_duplicated', reference: 'a-1', times: 2 });
      sandbox.addFault({ kind: 'webhook_lost', reference: 'a-2' });
      for (const no of ['a-2', 'a-1']) {
        await create(sandbox, no);
        await customer(sandbox, no, 'pay');
      }
      await receiver.waitFor(3);
      expect(new Set(sent().map(({ id }) => id)).size).toBe(1);
      expect(sandbox.find('a-2')).toMatchObject({ charges: 1 });
    });

    it('are held and come last first on demand', async () => {
      const sandbox = await start();
      sandbox.addFault({ kind: 'webhook_reordered', times: 3, count: 3 });
      for (const no of ['a-1', 'a-2', 'a-3']) {
        await create(sandbox, no);
        await customer(sandbox, no, 'pay');
      }
      await receiver.waitFor(3);
      const order = receiver.received.map(
        ({ body }) => /"merchant_order_no":"(a-\d)"/.exec(body.toString())![1],
      );
      expect(order).toEqual(['a-3', 'a-2', 'a-1']);
    });
  });

  it('pays by itself where it is told to', async () => {
    const sandbox = await start({ autopay: true });
    expect((await create(sandbox, 'a-1')).body['status']).toBe('pending');
    await receiver.waitFor(1);
    expect(sandbox.find('a-1')).toMatchObject({ status: 'paid', charges: 1 });
  });

  it('refunds in part and in full, once for each number, and never more than was paid', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1');
    const refund = (no: string, amount?: number) =>
      ask(sandbox, 'POST', '/v1/orders/a-1/refunds', { refund_no: no, ...(amount ? { amount } : {}) });
    expect((await refund('r-1', 400)).body.error?.code).toBe('not_refundable');
    await customer(sandbox, 'a-1', 'pay');
    expect(await refund('r-1', 400)).toMatchObject({
      status: 201,
      body: { status: 'succeeded', amount: 400 },
    });
    expect(await refund('r-1', 400)).toMatchObject({ status: 200, body: { amount: 400 } });
    expect((await refund('r-1', 500)).body.error?.code).toBe('refund_conflict');
    expect((await refund('r-2', 601)).body.error?.code).toBe('refund_exceeds_paid');
    expect(await refund('r-3')).toMatchObject({ status: 201, body: { amount: 600 } });
    expect((await refund('r-4')).body.error?.code).toBe('refund_exceeds_paid');
    expect((await ask(sandbox, 'GET', '/v1/orders/a-1/refunds/r-3')).body).toMatchObject({ amount: 600 });
    expect((await ask(sandbox, 'GET', '/v1/orders/a-1/refunds/r-9')).status).toBe(404);
    expect(sandbox.find('a-1')).toMatchObject({ refunded_amount: 1_000, status: 'paid' });
    await receiver.waitFor(3);
    expect(
      sent()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['payment.paid', 'refund.succeeded', 'refund.succeeded']);
  });

  it('reserves, is captured in parts, and gives the rest back at the final one', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1', { capture: 'manual' });
    const capture = (no: string, amount: number, final = false) =>
      ask(sandbox, 'POST', '/v1/orders/a-1/captures', { capture_no: no, amount, final });
    expect((await capture('c-1', 400)).body.error?.code).toBe('not_capturable');
    await customer(sandbox, 'a-1', 'pay');
    expect(sandbox.find('a-1')).toMatchObject({ status: 'authorized', charges: 0, charged_amount: 0 });
    expect(await capture('c-1', 400)).toMatchObject({ status: 201, body: { amount: 400 } });
    expect((await capture('c-1', 400)).status).toBe(200);
    expect((await capture('c-1', 401)).body.error?.code).toBe('capture_conflict');
    expect((await capture('c-2', 601)).body.error?.code).toBe('capture_exceeds_authorized');
    expect((await capture('c-2', 500, true)).status).toBe(201);
    expect((await capture('c-3', 1)).body.error?.code).toBe('not_capturable');
    const refund = await ask(sandbox, 'POST', '/v1/orders/a-1/refunds', { refund_no: 'r-1', amount: 901 });
    expect(refund.body.error?.code).toBe('refund_exceeds_paid');
    expect(sandbox.find('a-1')).toMatchObject({
      status: 'paid',
      charges: 1,
      charged_amount: 900,
      captures: [
        { capture_no: 'c-1', amount: 400, asked: 3, effects: 1 },
        { capture_no: 'c-2', amount: 500, effects: 1 },
      ],
    });
    await receiver.waitFor(2);
    expect(sent().map(({ type }) => type)).toEqual(['payment.authorized', 'payment.paid']);
  });

  it('keeps what was captured when the rest is voided or the seven days are over', async () => {
    let at = Date.now();
    const sandbox = await start({ now: () => at });
    const signedAt = jest.spyOn(Date, 'now').mockImplementation(() => at);
    try {
      for (const no of ['a-1', 'a-2', 'a-3']) {
        await create(sandbox, no, { capture: 'manual' });
        await customer(sandbox, no, 'pay');
      }
      for (const no of ['a-1', 'a-2']) {
        await ask(sandbox, 'POST', `/v1/orders/${no}/captures`, { capture_no: `${no}-c`, amount: 10 });
      }
      expect((await ask(sandbox, 'POST', '/v1/orders/a-1/cancel', {})).body).toMatchObject({
        status: 'paid',
        captured_amount: 10,
      });
      at += 7 * 86_400_000;
      await receiver.waitFor(5);
      expect(sandbox.find('a-2')).toMatchObject({ status: 'paid', charged_amount: 10 });
      expect(sandbox.find('a-3')).toMatchObject({ status: 'expired', charged_amount: 0 });
    } finally {
      signedAt.mockRestore();
    }
  });

  it('disputes a paid order one at a time, and states what is withheld and given back', async () => {
    const sandbox = await start();
    const post = async (target: string, content: object = {}) => {
      const answer = await fetch(sandbox.url + target, { method: 'POST', body: JSON.stringify(content) });
      return { status: answer.status, body: (await answer.json()) as Reply['body'] };
    };
    await create(sandbox, 'a-1');
    expect((await post('/sandbox/disputes', { reference: 'a-1' })).status).toBe(409);
    await customer(sandbox, 'a-1', 'pay');
    const opened = await post('/sandbox/disputes', { reference: 'a-1', amount: 300 });
    expect(opened).toMatchObject({ status: 200, body: { status: 'open', amount: 300 } });
    expect((await post('/sandbox/disputes', { reference: 'a-1' })).status).toBe(409);
    const dispute = `/sandbox/disputes/${String(opened.body['dispute_id'])}`;
    expect((await post(`${dispute}/win`)).body).toMatchObject({ status: 'won' });
    expect((await post(`${dispute}/lose`)).status).toBe(409);
    const statement = (await (await fetch(`${sandbox.url}/statement`)).json()) as { lines: object[] };
    expect(statement.lines).toMatchObject([
      { type: 'payment', gross: 1_000 },
      { type: 'dispute', gross: -300, fee: 0 },
      { type: 'dispute_won', gross: 300, fee: 0 },
    ]);
    expect(sandbox.find('a-1')!.disputes).toMatchObject([{ status: 'won', amount: 300, evidence: 0 }]);
  });

  it('states what was charged on a day of Taipei, with its fee', async () => {
    // 00:30 on 2 January in Taipei is still the first in UTC.
    let at = Date.parse('2026-01-01T16:30:00.000Z');
    const sandbox = await start({ now: () => at, autopay: false });
    const signedAt = jest.spyOn(Date, 'now').mockImplementation(() => at);
    try {
      await create(sandbox, 'a-1', { amount: 1_025, expires_at: '2026-01-03T00:00:00.000Z' });
      await create(sandbox, 'a-2', { expires_at: '2026-01-03T00:00:00.000Z' });
      await customer(sandbox, 'a-1', 'pay');
      at += 60_000;
      await ask(sandbox, 'POST', '/v1/orders/a-1/refunds', { refund_no: 'r-1', amount: 25 });
      const statement = await ask(sandbox, 'GET', '/v1/statements/2026-01-02');
      expect(statement.body).toMatchObject({
        lines: [
          { type: 'payment', merchant_order_no: 'a-1', gross: 1_025, fee: 23, net: 1_002 },
          { type: 'refund', refund_no: 'r-1', gross: -25, fee: 0, net: -25 },
        ],
        next_cursor: null,
      });
      expect((await ask(sandbox, 'GET', '/v1/statements/2026-01-01')).body).toMatchObject({ lines: [] });
      expect((await ask(sandbox, 'GET', '/v1/statements/yesterday')).status).toBe(400);
    } finally {
      signedAt.mockRestore();
    }
  });

  it('shows a page that escapes what the merchant wrote', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1', {
      description: '<script>alert(1)</script>',
      return_url: 'https://shop.example/?a="b"',
    });
    const page = await (await fetch(sandbox.url + sandbox.find('a-1')!.checkout_path)).text();
    expect(page).toContain('NT$ 1,000');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>');
    const decline = await fetch(`${sandbox.url}${sandbox.find('a-1')!.checkout_path}/decline`, {
      method: 'POST',
    });
    expect(await decline.text()).toContain('Back to the shop');
  });

  it('forgets the oldest ended order when its memory is full, and refuses when nothing may be forgotten', async () => {
    const sandbox = await start({ ordersMax: 2 });
    await create(sandbox, 'a-1');
    await create(sandbox, 'a-2');
    expect(await create(sandbox, 'a-3')).toMatchObject({
      status: 503,
      body: { error: { code: 'not_processed' } },
    });
    await customer(sandbox, 'a-1', 'decline');
    expect((await create(sandbox, 'a-3')).status).toBe(201);
    expect(sandbox.book().map(({ reference }) => reference)).toEqual(['a-2', 'a-3']);
  });

  it('is told its faults over HTTP, and what they cannot be', async () => {
    const sandbox = await start();
    const faults = `${sandbox.url}/sandbox/faults`;
    const post = (content: object) => fetch(faults, { method: 'POST', body: JSON.stringify(content) });
    expect((await post({ kind: 'error_after', operation: 'create', count: 1 })).status).toBe(201);
    expect((await post({ kind: 'flood' })).status).toBe(400);
    expect((await post({ kind: 'huge', probability: 2 })).status).toBe(400);
    expect((await create(sandbox, 'a-1')).status).toBe(500);
    expect((await create(sandbox, 'a-1')).status).toBe(200);
    const listed = (await (await fetch(faults)).json()) as { faults: object[] };
    expect(listed.faults).toMatchObject([{ kind: 'error_after', struck: 1 }]);
    await fetch(faults, { method: 'DELETE' });
    expect(await (await fetch(faults)).json()).toMatchObject({ faults: [] });
  });

  it('ends one fault by its number, and leaves the others', async () => {
    const sandbox = await start();
    const [first, second] = [sandbox.addFault({ kind: 'garbage' }), sandbox.addFault({ kind: 'huge' })];
    const end = (id: number) => fetch(`${sandbox.url}/sandbox/faults/${id}`, { method: 'DELETE' });
    expect((await end(first.id)).status).toBe(200);
    expect((await end(first.id)).status).toBe(404);
    const left = (await (await fetch(`${sandbox.url}/sandbox/faults`)).json()) as { faults: object[] };
    expect(left.faults).toMatchObject([{ id: second.id, kind: 'huge' }]);
  });

  it('has the customer of a described order pay by itself, and of no other', async () => {
    const sandbox = await start();
    sandbox.addFault({ kind: 'autopay', operation: 'create', description: 'Oolong', count: 1 });
    await create(sandbox, 'a-1', { description: 'Tea' });
    await create(sandbox, 'a-2', { description: 'Oolong' });
    await until('the second is paid', () => sandbox.find('a-2')?.status === 'paid');
    expect(sandbox.find('a-1')?.status).toBe('pending');
  });
});

describe('faults with a probability', () => {
  const fates = (seed: string, noise: boolean): boolean[] => {
    const faults = createFaults(seed);
    faults.add({ kind: 'error_after', probability: 0.3 });
    faults.add({ kind: 'webhook_lost', probability: 0.5 });
    return Array.from({ length: 2_000 }, () => {
      if (noise) faults.strike('webhook_lost', { reference: 'b' });
      return faults.strike('error_after', { reference: 'a' }) !== undefined;
    });
  };

  it('strike the same requests under the same seed, whatever else strikes meanwhile', () => {
    expect(fates('7', true)).toEqual(fates('7', false));
    expect(fates('8', false)).not.toEqual(fates('7', false));
  });

  it('strike as often as they should', () => {
    const struck = fates('7', false).filter(Boolean).length;
    expect(struck).toBeGreaterThan(500);
    expect(struck).toBeLessThan(700);
  });
});
