import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { publicId } from '../../domain/ids';
import type { Reply } from '../support/api';
import { kpayEvent, signedBy, type KpayEvent } from '../support/kpay-event';
import { addKpay } from '../support/platform-merchant';
import { startPlatform, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

interface Sending {
  path?: string;
  headers?: Record<string, string>;
}

function send(event: KpayEvent, { path = platform.webhookPath, headers }: Sending = {}): Promise<Reply> {
  const raw = JSON.stringify(event);
  return platform.call('POST', path, {
    raw,
    headers: headers ?? signedBy(kpaySandboxAccount.webhookSecret, raw),
  });
}

async function inboxOf(eventId: string): Promise<{ id: string; status: string }[]> {
  const { rows } = await platform.database.query<{ id: string; status: string }>(
    'select id, status from webhook_inbox where provider_event_id = $1',
    [eventId],
  );
  return rows;
}

async function chargesOf(paymentId: string) {
  const { rows } = await platform.database.query<{ amount: string; currency: string; disposition: string }>(
    'select amount::text, currency, disposition from provider_charges where payment_id = $1',
    [paymentId.slice(4)],
  );
  return rows;
}

async function countOf(outcome: string): Promise<number> {
  const { text } = await platform.call('GET', '/metrics');
  const line = new RegExp(`^durapay_webhooks_total\\{.*outcome="${outcome}".*\\} (\\d+)$`, 'm').exec(text);
  return Number(line?.[1] ?? 0);
}

it('a webhook that comes twice is applied once', async () => {
  platform.sandbox.addFault({ kind: 'webhook_duplicated', count: 1, times: 3 });
  const payment = await platform.openPayment();
  const before = await countOf('repeated');
  await platform.checkout(payment, 'pay');
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  await until('the repetition came', async () => (await countOf('repeated')) > before);
  expect(await chargesOf(payment.id)).toEqual([{ amount: '10050', currency: 'USD', disposition: 'payment' }]);
  expect(platform.callbacks.events.filter(({ data }) => data.payment.id === payment.id)).toHaveLength(1);
});

it('a webhook that comes before the answer to our own call is not lost', async () => {
  platform.sandbox.addFault({ kind: 'delay_after', operation: 'create', count: 1, ms: 700 });
  platform.sandbox.addFault({ kind: 'autopay', count: 1 });
  const payment = await platform.openPayment();
  await platform.waitForStatus(payment.id, 'succeeded', 3_000);
  expect(await chargesOf(payment.id)).toHaveLength(1);
});

it('the same money told under another event id is no second payment', async () => {
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const { order_id } = platform.sandbox.find(`${payment.id}-1`) ?? {};
  const event = kpayEvent(`${payment.id}-1`, { order_id });
  expect((await send(event)).status).toBe(200);
  await until('it is settled', async () => (await inboxOf(event.id))[0]?.status === 'ignored');
  expect(await chargesOf(payment.id)).toHaveLength(1);
});

it('a second success that is other money is held in suspense', async () => {
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const event = kpayEvent(`${payment.id}-1`, { order_id: 'ko_another' });
  expect((await send(event)).status).toBe(200);
  await until('it is settled', async () => (await inboxOf(event.id))[0]?.status === 'applied');
  expect((await chargesOf(payment.id)).map(({ disposition }) => disposition).sort()).toEqual([
    'payment',
    'suspense',
  ]);
  const [row] = await inboxOf(event.id);
  expect(await platform.temporal.workflow.getHandle(`late/${row?.id}`).result()).toEqual({
    outcome: 'held_in_suspense',
  });
});

it.each([
  ['another amount', { amount: 10_049 }, { amount: '10049', currency: 'USD' }],
  ['another currency', { currency: 'TWD' }, { amount: '10050', currency: 'TWD' }],
])('%s than agreed is never taken for the payment', async (_what, order, charged) => {
  const payment = await platform.openPayment();
  await send(kpayEvent(`${payment.id}-1`, order));
  const failed = await platform.waitForStatus(payment.id, 'failed');
  expect(failed.lastError?.code).toBe('amount_mismatch');
  expect(failed.lastError?.message).toMatch(/new orderId/);
  expect(await chargesOf(payment.id)).toEqual([{ ...charged, disposition: 'suspense' }]);
  await platform.callbacks.waitFor(payment.orderId, 'payment.failed');
});

describe('is refused with 401, counted, and leaves nothing', () => {
  const body = (event: KpayEvent) => JSON.stringify(event);
  const forgeries: [string, string, (event: KpayEvent) => Record<string, string>][] = [
    ['without a signature', 'forged', () => ({})],
    ['signed by a stranger', 'forged', (event) => signedBy('a-guess', body(event))],
    ['signed for another body', 'forged', () => signedBy(kpaySandboxAccount.webhookSecret, '{}')],
    [
      'signed six minutes ago',
      'stale',
      (event) => signedBy(kpaySandboxAccount.webhookSecret, body(event), new Date(Date.now() - 360_000)),
    ],
  ];

  it.each(forgeries)('%s', async (_what, outcome, headersFor) => {
    const payment = await platform.openPayment();
    const event = kpayEvent(`${payment.id}-1`);
    const before = await countOf(outcome);
    const reply = await send(event, { headers: headersFor(event) });
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({ error: { code: 'webhook_refused' } });
    expect(await countOf(outcome)).toBe(before + 1);
    expect(await inboxOf(event.id)).toEqual([]);
    expect((await platform.readPayment(payment.id)).status).toBe('requires_action');
  });

  it('from an address that is not the provider’s', async () => {
    const id = await addKpay(platform.database, platform.secretBox, {
      baseUrl: platform.sandbox.url,
      ipsAllowed: ['10.1.0.0/16', '2001:db8::/32'],
    });
    const event = kpayEvent('pay_0-1');
    const reply = await send(event, { path: `/api/v1/webhooks/kpay/${publicId('channelConfig', id)}` });
    expect(reply.status).toBe(401);
    expect(await countOf('wrong_address')).toBe(1);
    expect(await inboxOf(event.id)).toEqual([]);
  });
});

it('an event that payments do not care about is kept and acknowledged, as often as it comes', async () => {
  const event = kpayEvent('pay_0-1', {}, { id: 'evt_paid_out', type: 'payout.paid' });
  for (let time = 0; time < 3; time += 1) {
    const reply = await send(event);
    expect({ status: reply.status, text: reply.text }).toEqual({ status: 200, text: '{"received":true}' });
  }
  expect(await inboxOf('evt_paid_out')).toMatchObject([{ status: 'ignored' }]);
});

it('an event about nothing of ours is acknowledged and has no effect', async () => {
  const event = kpayEvent('order-of-somebody-else');
  expect((await send(event)).status).toBe(200);
  expect((await send(event)).status).toBe(200);
  await until('it is settled', async () => (await inboxOf(event.id))[0]?.status === 'ignored');
  expect(await inboxOf(event.id)).toHaveLength(1);
});

it('money of an attempt that is not here is counted and kept, and applied once there is one', async () => {
  const payment = await platform.openPayment();
  const event = kpayEvent(`${payment.id}-2`);
  const before = await countOf('unknown_attempt');
  expect((await send(event)).status).toBe(200);
  expect(await countOf('unknown_attempt')).toBe(before + 1);
  expect((await send(event)).status).toBe(200);
  expect(await countOf('unknown_attempt')).toBe(before + 1);
  expect(await inboxOf(event.id)).toMatchObject([{ status: 'received' }]);
  const second = await platform.call('POST', `/api/v1/payments/${payment.id}/attempts`, {
    key: platform.merchant.apiKey,
    body: { provider: 'kpay' },
  });
  expect([second.status, second.body]).toMatchObject([200, { attempts: 2, status: 'requires_action' }]);
  await platform.database.query(
    `update webhook_inbox set received_at = now() - interval '1 hour', signalled_at = null where provider_event_id = $1`,
    [event.id],
  );
  await platform.sweep('webhooks');
  await platform.waitForStatus(payment.id, 'succeeded');
  expect(await chargesOf(payment.id)).toMatchObject([{ disposition: 'payment' }]);
  await until('it is settled', async () => (await inboxOf(event.id))[0]?.status === 'applied');
});

it('an event of another account than the charge was made at has no effect, whatever it says', async () => {
  const payment = await platform.openPayment();
  const id = await addKpay(platform.database, platform.secretBox, { baseUrl: platform.sandbox.url });
  const event = kpayEvent(`${payment.id}-1`);
  const before = await countOf('unknown_attempt');
  await send(event, { path: `/api/v1/webhooks/kpay/${publicId('channelConfig', id)}` });
  expect(await countOf('unknown_attempt')).toBe(before + 1);
  await platform.sweep('webhooks');
  expect(await inboxOf(event.id)).toMatchObject([{ status: 'received' }]);
  expect((await platform.readPayment(payment.id)).status).toBe('requires_action');
  expect(await chargesOf(payment.id)).toEqual([]);
});

it.each([
  ['a NUL', 'x\u0000y'],
  ['half a character', 'x\ud800y'],
])(
  '%s in its texts keeps no event out: it is kept and applied, and its body is as it came',
  async (_what, text) => {
    const payment = await platform.openPayment();
    const order = { status: 'failed', failure_code: text, paid_at: null };
    const event = kpayEvent(`${payment.id}-1`, order, {
      id: `evt_${payment.id}${text}`,
      type: 'payment.failed',
    });
    expect((await send(event)).status).toBe(200);
    expect((await send(event)).status).toBe(200);
    const declined = await until('it is declined', async () => {
      const read = await platform.readPayment(payment.id);
      return read.lastError !== null && read;
    });
    expect(declined.lastError).toMatchObject({ rawCode: 'x\ufffdy' });
    const kept = await platform.database.query<{ body: Buffer; status: string }>(
      'select body, status from webhook_inbox where provider_event_id = $1',
      [`evt_${payment.id}x\ufffdy`],
    );
    expect(kept.rows).toMatchObject([{ status: 'applied' }]);
    expect(JSON.parse(String(kept.rows[0]?.body))).toEqual(event);
  },
);

it('signed nonsense is malformed, and an unknown place is no place', async () => {
  const raw = '{"id":1}';
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  const reply = await platform.call('POST', platform.webhookPath, { raw, headers });
  expect([reply.status, reply.body]).toMatchObject([400, { error: { code: 'webhook_malformed' } }]);
  expect(reply.text).toContain('the event does not read: id: wants a text.');
  const elsewhere = platform.webhookPath.replace('kpay', 'ecpay');
  expect((await platform.call('POST', elsewhere, { raw, headers })).status).toBe(404);
});

it.each(['callback', 'notify'])('/payments/%s receives as well', async (name) => {
  const payment = await platform.openPayment();
  const config = publicId('channelConfig', platform.channelConfigId);
  const path = `/api/v1/payments/${name}?channel=kpay&config=${config}`;
  expect((await send(kpayEvent(`${payment.id}-1`), { path })).status).toBe(200);
  await platform.waitForStatus(payment.id, 'succeeded');
});
