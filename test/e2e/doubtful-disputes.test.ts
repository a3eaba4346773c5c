import { disputesOn } from '../support/disputes';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

/** What a channel says of a dispute, and what can not be. The platform's close holds the books to their promises. */
let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
beforeAll(async () => {
  platform = await startPlatform({ settings: { WEBHOOK_SWEEP_AFTER_MS: '300' } });
  disputes = disputesOn(platform);
});
afterAll(() => platform?.close());

interface ReceivedBody {
  status: string;
  reason: string | null;
  says: string;
}

async function received({ id }: PaymentBody, status: string): Promise<ReceivedBody[]> {
  const path = `/api/v1/webhooks/received?payment=${id}&status=${status}`;
  const { body } = await platform.call('GET', path, { key: platform.operatorKey });
  return (body as { data: ReceivedBody[] }).data.filter(({ says }) => /^(opened|won|lost)$/.test(says));
}

const reasons = async (payment: PaymentBody) =>
  (await received(payment, 'set_aside')).map(({ reason }) => reason);

const setAside = (payment: PaymentBody, count = 1) =>
  until(`${count} set aside`, async () => {
    const found = await reasons(payment);
    return found.length === count && found;
  });

async function counted(): Promise<number> {
  const { text } = await platform.call('GET', '/metrics');
  return Number(/^durapay_events_set_aside\{channel="kpay"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function timeline({ id }: PaymentBody): Promise<string> {
  const path = `/api/v1/payments/${id}/timeline`;
  return (await platform.call('GET', path, { key: platform.merchant.apiKey })).text;
}

describe('what can be no dispute is set aside with its reason, once, and holds nothing up', () => {
  test.each([
    ['nothing', 0, 'USD', 'It is about an amount that can not be disputed: 0 of the smallest unit of USD.'],
    ['an unknown currency', 5, 'QQQ', 'It is about a currency that is not known here: QQQ.'],
  ])('%s', async (_what, amount, currency, reason) => {
    const payment = await disputes.paidPayment();
    const before = await counted();
    const dispute_id = `kd_${payment.id}`;
    await disputes.tell(payment, { dispute_id, amount, currency });
    expect(await setAside(payment)).toEqual([reason]);
    expect(await counted()).toBe(before + 1);
    await platform.sweep('webhooks');
    expect(await received(payment, 'received')).toEqual([]);
    expect(await timeline(payment)).toContain(`it was set aside for an operator: ${reason}`);
    expect((await platform.readPayment(payment.id)).status).toBe('succeeded');

    // What comes later of the same dispute is heard.
    await disputes.tell(payment, { dispute_id, amount: 10_050, status: 'lost' });
    await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
    expect(await counted()).toBe(before + 1);
  });
});
