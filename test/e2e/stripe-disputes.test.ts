import { createHmac } from 'node:crypto';
import { publicId } from '../../domain/ids';
import { disputesOn } from '../support/disputes';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { openStripeShop, type StripeShop } from '../support/stripe-shop';
import { until } from '../support/until';

let platform: Platform;
let shop: StripeShop;
let disputes: ReturnType<typeof disputesOn>;
beforeAll(async () => {
  platform = await startPlatform({ settings: { WEBHOOK_SWEEP_AFTER_MS: '300' } });
  shop = await openStripeShop(platform);
  disputes = disputesOn(platform);
  const plan = { name: 'What Stripe takes', payer: 'platform', transactionType: 'dispute', currency: 'USD' };
  const made = await platform.call('POST', '/api/v1/admin/fee-plans', {
    key: platform.operatorKey,
    body: { ...plan, terms: { tiers: [{ fixed: '3.00' }] } },
  });
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await platform?.close();
  await shop?.close();
});
afterEach(() => shop.sandbox.clearFaults());

const bank = async (path: string, body: object = {}): Promise<{ dispute_id: string }> => {
  const answer = await fetch(`${shop.sandbox.url}/sandbox/disputes${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { connection: 'close' },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { dispute_id: string };
};

async function paid(body: Record<string, unknown> = {}): Promise<PaymentBody> {
  const payment = await platform.openPayment({ provider: 'stripe', ...body });
  await shop.press(payment, 'pay');
  return platform.waitForStatus(payment.id, 'succeeded');
}

const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(70_000, 7)]);

it('a dispute that Stripe opens withholds the amount, takes a file as evidence, and is won', async () => {
  const payment = await paid();
  const before = await disputes.balances();
  const { dispute_id } = await bank('', { reference: `${payment.id}-1`, reason_code: 'fraudulent' });
  await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  const dispute = await disputes.of(payment);
  expect(dispute).toMatchObject({ status: 'needs_response', amount: '100.50' });
  expect((await disputes.balances()).held).toBe(before.held + 10_050n);

  const document = {
    name: 'receipt.pdf',
    contentType: 'application/pdf',
    content: pdf.toString('base64'),
  };
  const sent = await disputes.send(dispute.id, { text: 'It was signed for.', document });
  expect([sent.status, sent.body]).toMatchObject([201, { status: 'accepted' }]);
  expect(shop.sandbox.find(`${payment.id}-1`)?.disputes).toMatchObject([
    { status: 'under_review', evidence: 1, files: 1 },
  ]);
  const again = await disputes.send(dispute.id, { text: 'And another thing.' });
  expect([again.status, again.body]).toMatchObject([409, { error: { code: 'channel_refused' } }]);

  await bank(`/${dispute_id}/win`);
  await platform.callbacks.waitFor(payment.orderId, 'dispute.won');
  expect(await disputes.balances()).toEqual(before);
  expect((await platform.readPayment(payment.id)).status).toBe('succeeded');
});

it('a dispute that is lost costs the amount, and the fee that Stripe names is on the books, whatever a plan says', async () => {
  const payment = await paid();
  const before = await disputes.balances();
  const { dispute_id } = await bank('', { reference: `${payment.id}-1` });
  const dispute = await disputes.of(payment);
  await bank(`/${dispute_id}/lose`);
  await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending - 10_050n });
  const { rows } = await platform.database.query<{ fee: string }>(
    'select fee::text from disputes where id = $1',
    [dispute.id.slice(4)],
  );
  expect(rows).toEqual([{ fee: '1500' }]);
});

it('a dispute of cents that the currency has none of is set aside for an operator, and moves nothing', async () => {
  const payment = await paid({ amount: '300', currency: 'TWD' });
  const created = Math.floor(Date.now() / 1_000);
  const object = {
    ...{ id: `dp_${payment.id}`, object: 'dispute', status: 'lost', reason: 'fraudulent' },
    ...{ amount: 10_050, currency: 'twd', payment_intent: shop.sandbox.find(`${payment.id}-1`)?.order_id },
    evidence_details: { due_by: null, has_evidence: false },
  };
  const event = { id: `evt_${payment.id}`, object: 'event', type: 'charge.dispute.created', livemode: false };
  const raw = JSON.stringify({ ...event, created, data: { object } });
  const { webhookSecret } = shop.sandbox.account;
  const mac = createHmac('sha256', webhookSecret).update(`${created}.${raw}`).digest('hex');
  const told = await platform.call(
    'POST',
    `/api/v1/webhooks/stripe/${publicId('channelConfig', shop.channelConfigId)}`,
    { raw, headers: { 'stripe-signature': `t=${created},v1=${mac}` } },
  );
  expect([told.status, told.body]).toEqual([200, { received: true }]);
  const aside = await until('set aside', async () => {
    const path = `/api/v1/webhooks/received?payment=${payment.id}&status=set_aside`;
    const { body } = await platform.call('GET', path, { key: platform.operatorKey });
    const { data } = body as { data: { reason: string }[] };
    return data.length > 0 && data;
  });
  expect(aside).toMatchObject([
    { reason: 'It is about an amount that can not be disputed: 100.50 of the smallest unit of TWD.' },
  ]);
  expect((await platform.readPayment(payment.id)).status).toBe('succeeded');
});

it('a dispute that overtakes the news of the charge is found by the sweep', async () => {
  shop.sandbox.addFault({ kind: 'webhook_lost', count: 1 });
  const payment = await platform.openPayment({ provider: 'stripe' });
  await shop.press(payment, 'dispute');
  const unsettled = () =>
    platform.database.query<{ payment_id: string | null }>(
      `select payment_id from webhook_inbox where event ->> 'about' = 'dispute' and status = 'received'`,
    );
  await until('the dispute is kept', async () => (await unsettled()).rows.length > 0);
  expect((await unsettled()).rows[0]?.payment_id).toBeNull();
  expect((await platform.readPayment(payment.id)).status).toBe('requires_action');
  // The lost news comes after all, as Stripe repeats it for days.
  const cancelled = await platform.call('POST', `/api/v1/payments/${payment.id}/cancel`, {
    key: platform.merchant.apiKey,
    body: {},
  });
  expect([cancelled.status, cancelled.body]).toMatchObject([409, { error: { code: 'already_paid' } }]);
  await platform.waitForStatus(payment.id, 'succeeded');
  await platform.sweep('webhooks');
  await until('the sweep has brought it', async () => {
    if ((await platform.readPayment(payment.id)).status === 'disputed') return true;
    await platform.sweep('webhooks');
    return false;
  });
  expect(await disputes.of(payment)).toMatchObject({ status: 'needs_response' });
});
