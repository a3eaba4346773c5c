import { createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  startTpaySandbox,
  type TpaySandbox,
  type TpaySandboxOptions,
} from '../../../dev/sandboxes/tpay/sandbox';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver';

interface Reply {
  code: string;
  data: Record<string, unknown> | null;
}

describe('the TPay sandbox', () => {
  let receiver: WebhookReceiver;
  const running = new Set<TpaySandbox>();

  beforeEach(async () => {
    receiver = await startWebhookReceiver('{"code":"0000"}');
  });
  afterEach(async () => {
    for (const sandbox of running) await sandbox.close();
    running.clear();
    await receiver.close();
  });

  async function start(options: TpaySandboxOptions = {}): Promise<TpaySandbox> {
    const sandbox = await startTpaySandbox({ webhookRetryFirstMs: 10, refundMs: 10, ...options });
    running.add(sandbox);
    return sandbox;
  }

  /** Signed by hand, so that the adapter's signature is not the only one ever tried. */
  function signed({ account }: TpaySandbox, parameters: Record<string, string>): Record<string, string> {
    const form: Record<string, string> = {
      app_id: account.appId,
      nonce: randomBytes(16).toString('hex'),
      timestamp: String(Math.floor(Date.now() / 1_000)),
      ...parameters,
    };
    const text = Object.keys(form)
      .sort()
      .map((name) => `${name}=${form[name]}`)
      .join('&');
    const sign = createHmac('sha256', account.appSecret).update(text).digest('hex').toUpperCase();
    return { ...form, sign };
  }

  async function post(sandbox: TpaySandbox, service: string, form: Record<string, string>): Promise<Reply> {
    const answer = await fetch(`${sandbox.url}/gateway/${service}`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return (await answer.json()) as Reply;
  }

  const ask = (sandbox: TpaySandbox, service: string, parameters: Record<string, string>) =>
    post(sandbox, service, signed(sandbox, parameters));

  const create = (sandbox: TpaySandbox, no: string, changes: Record<string, string> = {}) =>
    ask(sandbox, 'trade/create', {
      out_trade_no: no,
      amount: '1000.00',
      currency: 'TWD',
      subject: 'Tea',
      notify_url: receiver.url,
      expire_at: String(Math.ceil(Date.now() / 1_000) + 60),
      ...changes,
    });

  async function customer(sandbox: TpaySandbox, no: string, what: 'pay' | 'decline'): Promise<number> {
    const answer = await fetch(`${sandbox.url}${sandbox.find(no)!.wallet_path}/${what}`, {
      method: 'POST',
      headers: { accept: 'application/json' },
    });
    return answer.status;
  }

  const sent = () =>
    receiver.received.map(
      ({ body }) => JSON.parse(body.toString()) as { notify_id: string; notify_type: string },
    );

  it('takes a signed request once: changed, late or repeated it books nothing', async () => {
    const sandbox = await start();
    const form = signed(sandbox, { out_trade_no: 'a-1' });
    expect((await post(sandbox, 'trade/query', { ...form, out_trade_no: 'a-2' })).code).toBe('1002');
    expect((await post(sandbox, 'trade/query', form)).code).toBe('2002');
    expect((await post(sandbox, 'trade/query', form)).code).toBe('1003');
    expect((await create(sandbox, 'a-1', { timestamp: '1767225600' })).code).toBe('1003');
    expect(sandbox.book()).toEqual([]);
  });

  it.each([
    [{ amount: '0.00' }, '2005'],
    [{ amount: '200001.00' }, '2005'],
    [{ amount: '100' }, '1001'],
    [{ amount: '100.50' }, '1001'],
    [{ currency: 'USD' }, '2006'],
    [{ notify_url: 'javascript:alert(1)' }, '1001'],
    [{ expire_at: '1767225600' }, '1001'],
  ])('refuses a trade with %j', async (changes, code) => {
    const sandbox = await start();
    expect((await create(sandbox, 'a-1', changes)).code).toBe(code);
    expect(sandbox.book()).toEqual([]);
  });

  it('knows no idempotency: a second trade or refund of one number is refused', async () => {
    const sandbox = await start();
    expect((await create(sandbox, 'a-1')).data).toMatchObject({ state: 'WAIT_SCAN', amount: '1000.00' });
    expect((await create(sandbox, 'a-1')).code).toBe('2001');
    const refund = (no: string, amount: string) =>
      ask(sandbox, 'refund/create', { out_trade_no: 'a-1', out_refund_no: no, amount });
    expect((await refund('r-1', '400.00')).code).toBe('3004');
    expect(await customer(sandbox, 'a-1', 'pay')).toBe(200);
    expect(await customer(sandbox, 'a-1', 'pay')).toBe(409);
    expect((await ask(sandbox, 'trade/close', { out_trade_no: 'a-1' })).code).toBe('2003');
    expect((await refund('r-1', '400.00')).data).toMatchObject({ state: 'PROCESSING', amount: '400.00' });
    expect((await refund('r-1', '400.00')).code).toBe('3002');
    expect((await refund('r-2', '601.00')).code).toBe('3003');
    await receiver.waitFor(2);
    expect(sent().map(({ notify_type }) => notify_type)).toEqual(['TRADE_SUCCESS', 'REFUND_SUCCESS']);
    expect(sandbox.find('a-1')).toMatchObject({
      creates: 2,
      charges: 1,
      refunded_amount: 400,
      refunds: [{ refund_no: 'r-1', asked: 2, effects: 1, status: 'SUCCESS' }],
    });
  });

  it('repeats a notification until it is answered in its own words', async () => {
    const silent = await startWebhookReceiver();
    try {
      const sandbox = await start();
      await create(sandbox, 'a-1', { notify_url: silent.url });
      await customer(sandbox, 'a-1', 'pay');
      const deliveries = await silent.waitFor(3);
      expect(new Set(deliveries.map(({ body }) => body.toString())).size).toBe(1);
      expect(new Set(deliveries.map(({ headers }) => headers['x-nonce'])).size).toBe(deliveries.length);
    } finally {
      await silent.close();
    }
  });

  it('closes what is not paid in time, and takes late money only on demand', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1', { expire_at: String(Math.floor(Date.now() / 1_000) + 1) });
    await receiver.waitFor(1);
    expect(sent()[0]).toMatchObject({ notify_type: 'TRADE_CLOSED' });
    expect(await customer(sandbox, 'a-1', 'pay')).toBe(409);
    sandbox.addFault({ kind: 'allow_late_payment', count: 1 });
    expect(await customer(sandbox, 'a-1', 'pay')).toBe(200);
    expect(sandbox.find('a-1')).toMatchObject({ status: 'SUCCESS', charges: 1 });
  });

  it('keeps its book over a restart, and ends the refunds that were on their way', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tpay-book-'));
    const stateFile = path.join(folder, 'book.jsonl');
    try {
      const before = await start({ stateFile, refundMs: 60_000 });
      await create(before, 'a-1');
      await customer(before, 'a-1', 'pay');
      await ask(before, 'refund/create', { out_trade_no: 'a-1', out_refund_no: 'r-1', amount: '1.00' });
      await receiver.waitFor(1);
      const book = before.book();
      running.delete(before);
      await before.close();

      const after = await start({ stateFile, refundMs: 50 });
      expect(after.book()).toEqual(book);
      // The first notification may come again: its receipt was perhaps not written any more.
      for (let count = 2; !sent().some(({ notify_type }) => notify_type === 'REFUND_SUCCESS'); count += 1) {
        await receiver.waitFor(count);
      }
      expect(after.find('a-1')!.refunds).toMatchObject([{ status: 'SUCCESS', effects: 1 }]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('shows a page that escapes what the merchant wrote', async () => {
    const sandbox = await start();
    await create(sandbox, 'a-1', { subject: '<script>alert(1)</script>' });
    const page = await (await fetch(sandbox.url + sandbox.find('a-1')!.wallet_path)).text();
    expect(page).toContain('NT$ 1,000');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>');
  });
});
