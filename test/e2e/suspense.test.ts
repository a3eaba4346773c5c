import { WorkflowNotFoundError } from '@temporalio/client';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { accountId, accountName } from '../../db/stores/ledger-accounts';
import { platformAccount } from '../../domain/ledger/account';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { configurePayments, type PlatformMerchant } from '../support/platform-merchant';
import { refundsOn } from '../support/refunds';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

interface Suspense {
  id: string;
  paymentId: string;
  reason: string;
  amount: string;
  decision: string | null;
  decidedBy: { by: string; reason: string | null } | null;
  resolvedAt: string | null;
  ageSeconds: number;
}

let platform: Platform;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({ config: { lateMoney: 'ask' } });
  refunds = refundsOn(platform);
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

const bookOf = (paymentId: string) => platform.sandbox.find(`${paymentId}-1`);

async function suspenseOf(paymentId: string, status: 'open' | 'resolved'): Promise<Suspense | undefined> {
  const reply = await platform.call('GET', `/api/v1/admin/suspense?status=${status}&limit=100`, {
    key: platform.operatorKey,
  });
  return (reply.body as { data: Suspense[] }).data.find((held) => held.paymentId === paymentId);
}

const waitFor = (paymentId: string, status: 'open' | 'resolved') =>
  until(`money of ${paymentId} in suspense is ${status}`, () => suspenseOf(paymentId, status));

const decide = (id: string, decision: string) =>
  platform.call('POST', `/api/v1/admin/suspense/${id}/decide`, {
    key: platform.operatorKey,
    body: { decision, reason: 'the customer wrote to us' },
  });

/** What lies on the suspense account of the whole platform. */
async function inSuspense(): Promise<bigint> {
  const id = accountId(accountName(platformAccount('test', 'suspense', 'USD')));
  const { rows } = await platform.database.query<{ balance: bigint }>(
    'select coalesce(-ledger_balance($1), 0) as balance',
    [id],
  );
  return rows[0]?.balance ?? 0n;
}

async function ruleIs(lateMoney: string, merchant: PlatformMerchant = platform.merchant): Promise<void> {
  await configurePayments({ url: platform.url, operatorKey: platform.operatorKey }, merchant, {
    channels: ['kpay'],
    callbackUrl: platform.callbacks.url,
    lateMoney,
  });
  // Configuration is kept for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
}

/** The customer pays on a page that should have been closed. */
async function paidLate(): Promise<PaymentBody> {
  platform.sandbox.addFault({ kind: 'allow_late_payment' });
  const payment = await platform.openPayment();
  const cancelled = await platform.call('POST', `/api/v1/payments/${payment.id}/cancel`, {
    key: platform.merchant.apiKey,
    body: {},
  });
  expect(cancelled.status).toBe(200);
  await platform.checkout(payment, 'pay');
  return payment;
}

describe('where the rule is to ask', () => {
  it('late money waits, in sight, until an operator gives it back', async () => {
    const before = { suspense: await inSuspense(), balances: await refunds.balances() };
    const payment = await paidLate();
    const held = await waitFor(payment.id, 'open');
    expect(held).toMatchObject({ reason: 'late', amount: '100.50', decision: null });
    expect(await inSuspense()).toBe(before.suspense + 10_050n);
    await until('it is on the operators’ list in Temporal', async () => {
      const { rows } = await platform.database.query<{ c: string; r: string }>(
        `select channel_config_id as c, provider_ref as r from provider_charges where payment_id = $1`,
        [payment.id.slice(4)],
      );
      const id = `suspense/chc_${rows[0]?.c.replaceAll('-', '')}/${rows[0]?.r}`;
      // The case is written before its workflow is started.
      const described = await platform.temporal.workflow
        .getHandle(id)
        .describe()
        .catch((error: unknown) => {
          if (error instanceof WorkflowNotFoundError) return undefined;
          throw error;
        });
      const found = described?.searchAttributes as Record<string, string[]> | undefined;
      return found?.['Attention']?.includes('suspense');
    });

    const { body: timeline } = await platform.call('GET', `/api/v1/payments/${payment.id}/timeline`, {
      key: platform.operatorKey,
    });
    const { next } = timeline as { next: { what: string }[] };
    const waits = expect.stringMatching(
      new RegExp(`^Money in suspense \\(100\\.50 USD\\) waits for an operator.*/${held.id}/decide`),
    ) as string;
    expect(next.map(({ what }) => what)).toContainEqual(waits);

    const decided = await decide(held.id, 'refund');
    expect([decided.status, decided.body]).toMatchObject([
      200,
      { decision: 'refund', decidedBy: { by: 'operator', reason: 'the customer wrote to us' } },
    ]);
    const again = await decide(held.id, 'accept');
    expect([again.status, again.body]).toMatchObject([409, { error: { code: 'suspense_decided' } }]);
    await waitFor(payment.id, 'resolved');
    expect(await suspenseOf(payment.id, 'open')).toBeUndefined();
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 10_050 });
    const told = await platform.callbacks.waitFor(payment.orderId, 'payment.late_money_refunded');
    expect(told.data).toMatchObject({
      payment: { status: 'cancelled', refundedAmount: '0.00' },
      refund: { status: 'succeeded', amount: '100.50' },
    });
    expect({ suspense: await inSuspense(), balances: await refunds.balances() }).toEqual(before);
  });

  it('an operator may let the merchant have it; the payment stays what it is', async () => {
    const before = { suspense: await inSuspense(), pending: (await refunds.balances()).pending };
    const payment = await paidLate();
    const held = await waitFor(payment.id, 'open');
    expect((await decide(held.id, 'accept')).status).toBe(200);
    await waitFor(payment.id, 'resolved');
    await platform.callbacks.waitFor(payment.orderId, 'payment.late_money_accepted');
    expect((await platform.readPayment(payment.id)).status).toBe('cancelled');
    expect(await inSuspense()).toBe(before.suspense);
    expect((await refunds.balances()).pending).toBe(before.pending + 10_050n);
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 0 });
  });

  it('money in another amount than agreed waits as well', async () => {
    const payment = await platform.openPayment();
    const raw = JSON.stringify(kpayEvent(`${payment.id}-1`, { amount: 10_049 }));
    await platform.call('POST', platform.webhookPath, {
      raw,
      headers: signedBy(kpaySandboxAccount.webhookSecret, raw),
    });
    const held = await waitFor(payment.id, 'open');
    expect(held).toMatchObject({ reason: 'amount_mismatch', amount: '100.49' });
    // The sandbox has no such charge: what can't be given back is asked about again.
    expect((await decide(held.id, 'refund')).status).toBe(200);
    await until('it is asked again', async () => {
      const { rows } = await platform.database.query(
        `select 1 from payment_events where payment_id = $1 and type = 'payment.late_money_refund_failed'`,
        [payment.id.slice(4)],
      );
      return rows.length === 1;
    });
    expect(await waitFor(payment.id, 'open')).toMatchObject({ decision: null });
    expect((await decide(held.id, 'accept')).status).toBe(200);
    await waitFor(payment.id, 'resolved');
  });

  it('a decision about nothing is a 404', async () => {
    const nothing = `sus_${'0'.repeat(32)}${Buffer.from('kp_none').toString('hex')}`;
    expect((await decide(nothing, 'refund')).status).toBe(404);
  });

  it('an id that no charge can have is no id, wherever it is sent', async () => {
    const impossible = `sus_${'0'.repeat(32)}4b00`;
    expect((await decide(impossible, 'refund')).status).toBe(404);
    const key = platform.operatorKey;
    const list = await platform.call('GET', `/api/v1/admin/suspense?startingAfter=${impossible}`, { key });
    expect([list.status, list.body]).toMatchObject([400, { error: { param: 'startingAfter' } }]);
    const body = { paymentId: `pay_${'0'.repeat(32)}`, suspenseId: impossible };
    const refund = await platform.call('POST', '/api/v1/refunds', { key, body });
    expect([refund.status, refund.body]).toMatchObject([400, { error: { param: 'suspenseId' } }]);
  });
});

describe('where the rule decides', () => {
  it('refund: a second success is given back, and the payment keeps its first', async () => {
    await ruleIs('refund');
    const before = await inSuspense();
    const payment = await refunds.paidPayment();
    const raw = JSON.stringify(kpayEvent(`${payment.id}-1`, { order_id: 'kp_second' }));
    await platform.call('POST', platform.webhookPath, {
      raw,
      headers: signedBy(kpaySandboxAccount.webhookSecret, raw),
    });
    const held = await waitFor(payment.id, 'resolved');
    expect(held).toMatchObject({ reason: 'second_success', decision: 'refund', decidedBy: { by: 'rule' } });
    expect(await platform.readPayment(payment.id)).toMatchObject({
      status: 'succeeded',
      refundedAmount: '0.00',
    });
    expect(await inSuspense()).toBe(before);
  });

  it('accept: late money is credited without anybody’s doing', async () => {
    await ruleIs('accept');
    const { pending } = await refunds.balances();
    const payment = await paidLate();
    const held = await waitFor(payment.id, 'resolved');
    expect(held).toMatchObject({ reason: 'late', decision: 'accept', decidedBy: { by: 'rule' } });
    expect((await refunds.balances()).pending).toBe(pending + 10_050n);
    await platform.callbacks.waitFor(payment.orderId, 'payment.late_money_accepted');
  });

  it('refund: late money is back with the customer', async () => {
    await ruleIs('refund');
    const payment = await paidLate();
    await waitFor(payment.id, 'resolved');
    expect(bookOf(payment.id)).toMatchObject({ refunded_amount: 10_050 });
  });
});
