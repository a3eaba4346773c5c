import { lateMoneyOn } from '../support/late-money';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.database.query(
    `update payment_configs set attempts_max = 5, review_above = '{"USD": "50000"}', review_within_ms = 600000`,
  );
});
afterAll(() => platform?.close());

interface List<Item> {
  data: Item[];
  hasMore: boolean;
}

async function get<Item>(path: string, key = platform.merchant.apiKey): Promise<List<Item>> {
  const reply = await platform.call('GET', `/api/v1${path}`, { key });
  expect(reply.status).toBe(200);
  return reply.body as List<Item>;
}

describe('the attempts of a payment', () => {
  let payment: PaymentBody;

  beforeAll(async () => {
    payment = await platform.openPayment();
    await platform.checkout(payment, 'decline');
    await until('declined', async () => (await platform.readPayment(payment.id)).lastError !== null);
    await platform.call('POST', `/api/v1/payments/${payment.id}/attempts`, {
      ...{ key: platform.merchant.apiKey, body: {} },
    });
  });

  test('are data: where each went, and what became of it', async () => {
    const { data, hasMore } = await get(`/payments/${payment.orderId}/attempts`);
    expect(hasMore).toBe(false);
    expect(data).toMatchObject([
      {
        ...{
          object: 'attempt',
          number: 1,
          reference: `${payment.id}-1`,
          channel: 'kpay',
          status: 'declined',
        },
        ...{ amount: payment.amount, currency: 'USD' },
        ...{ providerReference: expect.any(String) as string, rawCode: expect.any(String) as string },
        error: { code: expect.any(String) as string, message: expect.any(String) as string },
        ...{ sentAt: expect.any(String) as string, answeredAt: expect.any(String) as string },
      },
      { number: 2, status: 'action_required', rawCode: null, error: null },
    ]);
  });

  test('say what was charged on each, wherever that money is', async () => {
    await platform.database.query(`update payment_configs set late_money = 'ask'`);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
    const lateMoney = lateMoneyOn(platform);
    const twice = await lateMoney.paidTwice();
    await lateMoney.inSuspense(twice, 'open');
    const charged = {
      amount: twice.amount,
      currency: 'USD',
      providerReference: expect.any(String) as string,
    };
    const { data } = await get(`/payments/${twice.id}/attempts`);
    expect(data).toMatchObject([
      { status: 'cancelled', charges: [{ ...charged, place: 'suspense' }] },
      { status: 'succeeded', charges: [{ ...charged, place: 'payment' }] },
    ]);
    await lateMoney.decided(twice, 'accept');
    const after = await get(`/payments/${twice.id}/attempts`);
    expect(after.data).toMatchObject([
      { charges: [{ ...charged, place: 'accepted' }] },
      { charges: [{ ...charged, place: 'payment' }] },
    ]);
    expect((await get(`/payments/${payment.id}/attempts`)).data).toMatchObject([
      { charges: [] },
      { charges: [] },
    ]);
  });

  test('come in pages', async () => {
    const first = await get(`/payments/${payment.id}/attempts?limit=1`, platform.operatorKey);
    expect(first).toMatchObject({ data: [{ number: 1 }], hasMore: true });
    const second = await get(`/payments/${payment.id}/attempts?limit=1&startingAfter=1`);
    expect(second).toMatchObject({ data: [{ number: 2 }], hasMore: false });
  });

  test('are nobody else’s to see', async () => {
    const { status } = await platform.call('GET', '/api/v1/payments/none-such/attempts', {
      key: platform.merchant.apiKey,
    });
    expect(status).toBe(404);
  });

  test('that were never made are not called sent', async () => {
    const planned = (await platform.startPayment(anOrder({ amount: '900' }))).body as PaymentBody;
    const { data } = await get(`/payments/${planned.id}/attempts`);
    expect(data).toMatchObject([{ status: 'planned', sentAt: null, answeredAt: null }]);
    await platform.call('POST', `/api/v1/payments/${planned.id}/review`, {
      ...{ key: platform.operatorKey, body: { decision: 'reject', reason: 'looked at' } },
    });
    const after = await get(`/payments/${planned.id}/attempts`);
    expect(after.data).toMatchObject([{ status: 'cancelled', error: { code: 'not_called' }, sentAt: null }]);
  });
});

describe('payments under review', () => {
  test('are listed for operators, oldest first, in pages, and go from the list when they are decided', async () => {
    const before = await get<{ payment: PaymentBody }>('/admin/reviews', platform.operatorKey);
    const made: PaymentBody[] = [];
    for (let at = 0; at < 2; at += 1) {
      made.push((await platform.startPayment(anOrder({ amount: '900' }))).body as PaymentBody);
    }
    const [one, two] = made.map(({ id }) => id);
    const known = before.data.map(({ payment }) => payment.id);
    const all = await get<{ payment: PaymentBody }>('/admin/reviews', platform.operatorKey);
    expect(all.data.map(({ payment }) => payment.id)).toEqual([...known, one, two]);
    expect(all.data.at(-1)).toMatchObject({
      ...{ object: 'review', atDeadline: 'reject', decideBy: expect.any(String) as string },
      ...{ reason: expect.any(String) as string, payment: { status: 'review', amount: '900.00' } },
    });
    const after = await get(`/admin/reviews?startingAfter=${one}&limit=1`, platform.operatorKey);
    expect(after).toMatchObject({ data: [{ payment: { id: two } }], hasMore: false });
    expect((await get('/admin/reviews?mode=live', platform.operatorKey)).data).toEqual([]);

    const { status } = await platform.call('POST', `/api/v1/payments/${one}/review`, {
      ...{ key: platform.operatorKey, body: { decision: 'reject', reason: 'looked at' } },
    });
    expect(status).toBe(200);
    const left = await get<{ payment: PaymentBody }>('/admin/reviews', platform.operatorKey);
    expect(left.data.map(({ payment }) => payment.id)).toEqual([...known, two]);
  });

  test('are not for merchants', async () => {
    const { status } = await platform.call('GET', '/api/v1/admin/reviews', { key: platform.merchant.apiKey });
    expect(status).toBe(403);
  });
});
