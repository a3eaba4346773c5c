import { publicId } from '../../domain/ids';
import { openEcpayShop, type EcpayShop } from '../support/ecpay-shop';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';
import { until } from '../support/until';

let platform: Platform;
let shop: EcpayShop;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      CHANNEL_FAST_TIMEOUT_MS: '1000',
      CHANNEL_TIMEOUT_MS: '1500',
      PAYMENT_FIRST_POLL_MS: '1000',
      SWEEP_INTERVAL_MS: '3600000',
    },
  });
  shop = await openEcpayShop(platform);
  refunds = refundsOn(platform);
});
afterAll(async () => {
  await shop?.close();
  await platform?.close();
});

const opened = () =>
  platform.openPayment(anOrder({ provider: 'ecpay', currency: 'TWD', amount: '1000', method: 'card' }));
const bookOf = ({ id }: PaymentBody) => shop.sandbox.find(`${id}-1`);
const referenceOf = ({ id }: PaymentBody) => `${id}-1`;

/** Closed already, so that every refund is one of its sum. */
async function paidAndClosed(): Promise<PaymentBody> {
  const payment = await opened();
  await shop.arrive(payment);
  await shop.press(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  shop.sandbox.closeDay();
  return payment;
}

async function refundOf(payment: PaymentBody, amount: string): Promise<string> {
  const { status, body } = await refunds.ask({ paymentId: payment.id, amount });
  expect([201, 202]).toContain(status);
  return (body as RefundBody).id;
}

function inDoubt(refundId: string): Promise<RefundBody> {
  return until(`${refundId} is in doubt`, async () => {
    const refund = await refunds.read(refundId);
    return refund.error?.code === 'refund_in_doubt' && refund;
  });
}

async function storyOf({ id }: PaymentBody): Promise<string> {
  const { text } = await platform.call('GET', `/api/v1/payments/${id}/timeline`, {
    key: platform.merchant.apiKey,
  });
  return text;
}

describe('a refund whose answer is lost', () => {
  it('is made once where ECPay carries it out late; it says why it waits, and so does the one behind it', async () => {
    const payment = await paidAndClosed();
    const reference = referenceOf(payment);
    shop.sandbox.addFault({ kind: 'delay_before', operation: 'refund', count: 1, ms: 6_000, reference });
    const late = await refundOf(payment, '300');
    const { status, error } = await inDoubt(late);
    expect([status, error?.message]).toEqual([
      'unknown',
      expect.stringMatching(/could give the money back twice.* sent again only if .* by 20\d\d-/),
    ]);
    const asked = refundOf(payment, '100');
    const waits = `waits until refund ${late}, which may have reached ecpay, is over`;
    const story = await until('the next one is told', async () => {
      const told = await storyOf(payment);
      return told.includes(waits) && told;
    });
    expect(story).toContain('refund_in_doubt – The answer was lost');
    expect(story).toMatch(
      new RegExp(`Refund ${late} may have reached ecpay, .* could give the money back twice`),
    );

    await refunds.waitFor(late, 'succeeded');
    await refunds.waitFor(await asked, 'succeeded');
    expect(bookOf(payment)!.refunds).toEqual([
      { amount: 300, action: 'R' },
      { amount: 100, action: 'R' },
    ]);
    expect(await platform.readPayment(payment.id)).toMatchObject({ refundedAmount: '400' });
  }, 120_000);

  it('is sent once more when the time for the first call is over', async () => {
    const payment = await paidAndClosed();
    const reference = referenceOf(payment);
    shop.sandbox.addFault({ kind: 'timeout_before', operation: 'refund', count: 1, reference });
    const lost = await refundOf(payment, '300');
    await inDoubt(lost);
    await platform.database.query(
      `update refunds set sent_at = sent_at - interval '25 hours' where id = $1`,
      [lost.slice(4)],
    );
    await refunds.waitFor(lost, 'succeeded');
    expect(bookOf(payment)!.refunds).toEqual([{ amount: 300, action: 'R' }]);
  }, 60_000);

  it('is in doubt also where the process died before it could say so', async () => {
    const payment = await paidAndClosed();
    await shop.configure({ closingHours: aMinuteAgoFor(3_000) });
    const asked = refunds.ask({ paymentId: payment.id, amount: '300' });
    const id = await until('it is set aside', async () => {
      const { rows } = await platform.database.query<{ id: string }>(
        `update refunds set sent_at = now() - interval '1 minute'
         where payment_id = $1 and reserved_at is not null and sent_at is null returning id`,
        [payment.id.slice(4)],
      );
      return rows[0] && publicId('refund', rows[0].id);
    });
    await inDoubt(id);
    expect(bookOf(payment)!.refunds).toEqual([]);
    await asked;
    await shop.configure({});
  }, 60_000);

  it('is no doubt where ECPay has answered that nothing was done', async () => {
    const payment = await paidAndClosed();
    const reference = referenceOf(payment);
    shop.sandbox.addFault({ kind: 'rate_limited', operation: 'refund', count: 1, reference });
    const refused = await refundOf(payment, '300');
    await refunds.waitFor(refused, 'succeeded');
    expect(bookOf(payment)!.refunds).toEqual([{ amount: 300, action: 'R' }]);
  });
});

describe('a form that is posted after it was given up, and whose notices are lost', () => {
  const suspended = (payment: PaymentBody) =>
    until('its money is in suspense', async () => {
      const { rows } = await platform.database.query<{ reason: string; amount: bigint }>(
        `select reason, amount from provider_charges where payment_id = $1 and disposition = 'suspense'`,
        [payment.id.slice(4)],
      );
      return rows[0];
    });
  const ask = (payment: PaymentBody, what: string, body: Record<string, unknown> = {}) =>
    platform.call('POST', `/api/v1/payments/${payment.id}/${what}`, { key: platform.merchant.apiKey, body });

  async function paysUnheard(payment: PaymentBody): Promise<void> {
    shop.sandbox.addFault({ kind: 'webhook_lost', count: 20, reference: referenceOf(payment) });
    await shop.arrive(payment);
    await shop.press(payment, 'pay');
  }

  it('after a cancellation: what was paid is late money, and the payment says so', async () => {
    const payment = await opened();
    expect((await ask(payment, 'cancel')).body).toMatchObject({ status: 'cancelled' });
    expect(await storyOf(payment)).toContain('ecpay is asked until its charge is over');
    await paysUnheard(payment);
    expect(await suspended(payment)).toEqual({ reason: 'late', amount: 1_000n });
  });

  it('after another attempt, which was paid as well: it is a second success', async () => {
    const payment = await opened();
    const { status, body } = await ask(payment, 'attempts', { provider: 'ecpay', method: 'card' });
    expect(status).toBe(200);
    const second = body as PaymentBody;
    await shop.arrive(second);
    await shop.press(payment, 'pay', 2);
    await platform.waitForStatus(payment.id, 'succeeded');
    await paysUnheard(payment);
    expect(await suspended(payment)).toEqual({ reason: 'second_success', amount: 1_000n });
  });
});

/** ECPay has closed its doors a minute ago and opens them again in so many milliseconds. */
function aMinuteAgoFor(ms: number): string {
  const inTaipei = (offsetMs: number) =>
    new Date(Date.now() + 8 * 3_600_000 + offsetMs).toISOString().slice(11, 19);
  return `${inTaipei(-60_000)}-${inTaipei(ms)}`;
}
