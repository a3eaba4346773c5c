import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  startStripeSandbox,
  type StripeSandbox,
  type StripeSandboxOptions,
} from '../../../dev/sandboxes/stripe/sandbox';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver';

/** What the contract does not ask of the sandbox: its page, its memory, and its manners towards strangers. */
let receiver: WebhookReceiver;
let sandbox: StripeSandbox;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'durapay-stripe-'));
  receiver = await startWebhookReceiver();
  sandbox = await start();
});
afterEach(async () => {
  await sandbox.close();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: StripeSandboxOptions = {}): Promise<StripeSandbox> {
  const stateFile = path.join(folder, 'book.jsonl');
  return startStripeSandbox({ webhookUrl: receiver.url, stateFile, webhookRetryFirstMs: 20, ...options });
}

async function api(method: 'GET' | 'POST', at: string, form?: Record<string, string>, key = 'k-1') {
  const answer = await fetch(`${sandbox.url}/v1${at}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.account.secretKey}`, 'idempotency-key': key },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const wanted = {
  amount: '10000',
  currency: 'twd',
  description: 'Tea <b>for two</b>',
  'metadata[durapay_reference]': 'pay_1-1',
};

async function intent() {
  const { body } = await api('POST', '/payment_intents', wanted);
  return body as { id: string; client_secret: string };
}

const page = async (at: string, method = 'GET') => {
  const answer = await fetch(`${sandbox.url}${at}`, { method });
  return { status: answer.status, url: answer.url, html: await answer.text() };
};

it('shows the shop’s page: what is to be paid, and buttons that pay, decline and say how it went', async () => {
  const { client_secret } = await intent();
  const at = `/pay/${client_secret}`;
  const open = await page(at);
  expect(open.html).toContain('NT$ 100');
  expect(open.html).toContain('Tea &lt;b&gt;for two&lt;/b&gt;');
  const buttons = [...open.html.matchAll(/action="([^"]+)"/g)].map(([, action = '']) => action);
  expect(buttons).toEqual(['pay', 'decline', 'authenticate', 'dispute'].map((what) => `${at}/${what}`));

  const declined = await page(`${at}/decline`, 'POST');
  expect(declined.url).toBe(sandbox.url + at);
  expect(declined.html).toContain('Declined: generic_decline');
  const paid = await page(`${at}/pay`, 'POST');
  expect(paid.html).toContain('Paid. Thank you!');
  expect(paid.html).not.toContain('<form');
  await page(`${at}/pay`, 'POST');
  expect(sandbox.find('pay_1-1')).toMatchObject({ charges: 1, status: 'succeeded' });
  const types = (await receiver.waitFor(2)).map(
    ({ body }) => (JSON.parse(body.toString()) as { type: string }).type,
  );
  expect(types).toEqual(['payment_intent.payment_failed', 'payment_intent.succeeded']);
});

it('knows nobody who guesses', async () => {
  const { id, client_secret } = await intent();
  const guess = client_secret.slice(0, -1) + (client_secret.endsWith('0') ? '1' : '0');
  expect((await page(`/pay/${guess}`)).status).toBe(404);
  const guessed = await fetch(`${sandbox.url}/v1/payment_intents/${id}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ client_secret: `${id}_secret_0`, payment_method: 'pm_card_visa' }),
  });
  expect(guessed.status).toBe(404);
  const bare = await fetch(`${sandbox.url}/v1/payment_intents/${id}`);
  expect(bare.status).toBe(401);
});

it('finds its book again after a restart, and charges nothing twice under a key from before', async () => {
  const { id, client_secret } = await intent();
  await page(`/pay/${client_secret}/pay`, 'POST');
  await api('POST', '/customers', { name: 'Ms Lin' }, 'cus_1');
  await api('POST', '/refunds', { payment_intent: id, amount: '4000' }, 'ref_1');
  const before = sandbox.book();
  await sandbox.close();
  sandbox = await start();
  expect(sandbox.book()).toEqual(before);
  expect(sandbox.customers()).toMatchObject([{ name: 'Ms Lin' }]);
  expect((await api('POST', '/payment_intents', wanted)).body).toMatchObject({ id, status: 'succeeded' });
  await api('POST', '/refunds', { payment_intent: id, amount: '4000' }, 'ref_1');
  expect(sandbox.find('pay_1-1')).toMatchObject({ charges: 1, refunded_amount: 4_000 });
});

it('tells after a restart what it could not tell before', async () => {
  receiver.refuse(1_000);
  const { client_secret } = await intent();
  await page(`/pay/${client_secret}/pay`, 'POST');
  await receiver.waitFor(1);
  await sandbox.close();
  const heard = receiver.received.length;
  receiver.refuse(0);
  sandbox = await start();
  expect((await receiver.waitFor(heard + 1)).at(-1)?.headers['stripe-signature']).toMatch(
    /^t=\d+,v1=[0-9a-f]{64}$/,
  );
});

it('takes an answer back under its key, and no other request', async () => {
  const { id } = await intent();
  expect((await api('POST', '/payment_intents', wanted)).body).toMatchObject({ id });
  const other = await api('POST', '/payment_intents', { ...wanted, amount: '20000' });
  expect([other.status, other.body]).toMatchObject([400, { error: { type: 'idempotency_error' } }]);
  expect(sandbox.book()).toHaveLength(1);
});

it.each([
  ['/payment_intents', { ...wanted, description: '' }, 'description'],
  ['/customers', { name: '' }, 'name'],
])('makes nothing at %s of an empty parameter, as there is nothing to unset', async (at, form, param) => {
  const answer = await api('POST', at, form);
  const error = { code: 'parameter_invalid_empty', param };
  expect([answer.status, answer.body]).toMatchObject([400, { error }]);
  expect([sandbox.book(), sandbox.customers()]).toEqual([[], []]);
});

it.each([
  ['usd', '49', 'amount_too_small'],
  ['gbp', '29', 'amount_too_small'],
  ['hkd', '399', 'amount_too_small'],
  ['jpy', '49', 'amount_too_small'],
  ['usd', '100000000', 'amount_too_large'],
])('takes no charge of %s %s', async (currency, amount, code) => {
  const answer = await api('POST', '/payment_intents', { ...wanted, currency, amount });
  expect([answer.status, answer.body]).toMatchObject([400, { error: { code } }]);
  expect(sandbox.book()).toEqual([]);
});
