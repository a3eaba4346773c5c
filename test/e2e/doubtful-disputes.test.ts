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
  id: string;
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

describe('no more is withheld than was charged and is not disputed otherwise', () => {
  test.each([
    [
      'more than that',
      999_999,
      'USD',
      'It is about 9999.99 USD, and no more than 100.50 USD can be disputed of its charge.',
    ],
    ['another currency', 10_000, 'TWD', 'It is about 10000 TWD, and its charge is in USD.'],
  ])('%s moves nothing', async (_what, amount, currency, reason) => {
    const payment = await disputes.paidPayment();
    const before = await disputes.balances();
    await disputes.tell(payment, { dispute_id: `kd_${payment.id}`, amount, currency });
    await disputes.tell(payment, { dispute_id: `kd_${payment.id}`, amount, currency, status: 'lost' });
    expect(await setAside(payment, 2)).toEqual([reason, reason]);
    expect(await disputes.balances()).toEqual(before);
    expect((await platform.readPayment(payment.id)).status).toBe('succeeded');
  });

  test('nor of a charge that nobody has heard of', async () => {
    const payment = await platform.openPayment();
    const { apiKey: key } = platform.merchant;
    const path = `/api/v1/payments/${payment.id}/cancel`;
    expect((await platform.call('POST', path, { key, body: {} })).status).toBe(200);
    await disputes.tell(payment, { dispute_id: `kd_${payment.id}`, amount: 10_051 });
    expect(await setAside(payment)).toEqual([
      'It is about 100.51 USD, and no more than 100.50 USD can be disputed of its charge.',
    ]);
  });

  /** Of 100.50 two disputes: the first about 60.00, so that the second, about 50.00, does not fit beside it. */
  async function twoDisputes() {
    const payment = await disputes.paidPayment();
    const before = await disputes.balances();
    const first = { dispute_id: `kd_1_${payment.id}`, amount: 6_000 };
    await disputes.tell(payment, first);
    const { id } = await disputes.of(payment);
    await disputes.tell(payment, { dispute_id: `kd_2_${payment.id}`, amount: 5_000 });
    expect(await setAside(payment)).toEqual([
      'It is about 50.00 USD, and no more than 40.50 USD can be disputed of its charge.',
    ]);
    const winFirst = async () => {
      await disputes.tell(payment, { ...first, status: 'won' });
      await disputes.waitFor(id, 'won');
    };
    return { payment, before, winFirst };
  }

  test('a second dispute that does not fit beside the first begins when that is won', async () => {
    const { payment, before, winFirst } = await twoDisputes();
    expect((await disputes.balances()).held).toBe(before.held + 6_000n);
    await winFirst();
    await until('the second holds what it is about', async () => {
      await platform.sweep('webhooks');
      return (await disputes.balances()).held === before.held + 5_000n;
    });
    expect(await reasons(payment)).toEqual([]);
  });

  test('nor does it begin then, if an operator has resolved it', async () => {
    const { payment, before, winFirst } = await twoDisputes();
    const [event] = await received(payment, 'set_aside');
    const answer = await platform.call('POST', `/api/v1/admin/webhooks/received/${event?.id}/resolve`, {
      key: platform.operatorKey,
      body: { reason: 'Brought into the books by adj_1 and adj_2.' },
    });
    expect(answer.status).toBe(200);
    await winFirst();
    await platform.sweep('webhooks');
    expect(await received(payment, 'resolved')).toMatchObject([{ id: event?.id }]);
    expect(await disputes.balances()).toEqual(before);
  });
});

test('an end of another amount than is disputed is set aside, and one of the same is heard', async () => {
  const payment = await disputes.paidPayment();
  const before = await disputes.balances();
  const dispute_id = `kd_${payment.id}`;
  await disputes.tell(payment, { dispute_id, amount: 10_050 });
  const { id } = await disputes.of(payment);
  const withheld = await disputes.balances();
  await disputes.tell(payment, { dispute_id, amount: 4_000, status: 'lost' });
  expect(await setAside(payment)).toEqual([
    'It is about 40.00 USD, and the dispute was opened about 100.50 USD.',
  ]);
  expect(await disputes.balances()).toEqual(withheld);
  expect((await disputes.read(id)).status).toBe('needs_response');
  await disputes.tell(payment, { dispute_id, amount: 10_050, status: 'won' });
  await disputes.waitFor(id, 'won');
  expect(await disputes.balances()).toEqual(before);
});
