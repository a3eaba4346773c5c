import { publicId } from '../../../domain/ids';
import { noChannelError } from '../../../domain/payment/no-channel';
import { lowestIdAt } from '../../../db/ids';
import { insertPayment } from '../../support/payments';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

interface List {
  data: { id: string; orderId: string; status: string; currency: string }[];
  hasMore: boolean;
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const asOperator = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  api.call(method, `/api/v1${path}`, { key: api.operatorKey, body, headers });

describe('merchants', () => {
  it('are created, read and listed by an operator', async () => {
    const created = await asOperator('POST', '/admin/merchants', {
      name: '  Kettle & Sons ',
      defaultCurrency: 'EUR',
    });
    expect(created.status).toBe(201);
    const merchant = created.body as { id: string };
    expect(merchant).toMatchObject({
      id: expect.stringMatching(/^mer_[0-9a-f]{32}$/) as string,
      object: 'merchant',
      name: 'Kettle & Sons',
      status: 'active',
      defaultCurrency: 'EUR',
    });
    expect((await asOperator('GET', `/merchants/${merchant.id}`)).body).toEqual(merchant);
    const list = await asOperator('GET', '/admin/merchants?limit=1');
    expect((list.body as List).data[0]).toEqual(merchant);
  });

  it('are paged, newest first, each once', async () => {
    for (let n = 0; n < 5; n += 1) await asOperator('POST', '/admin/merchants', { name: `Paged ${n}` });
    const all: string[] = [];
    let after = '';
    for (let page = 0; page < 20; page += 1) {
      const { body } = await asOperator('GET', `/admin/merchants?limit=2${after}`);
      const { data, hasMore } = body as List;
      all.push(...data.map(({ id }) => id));
      after = `&startingAfter=${data.at(-1)?.id}`;
      if (!hasMore) break;
    }
    const { rows } = await api.database.query<{ id: string }>('select id from merchants order by id desc');
    expect(all).toEqual(rows.map(({ id }) => publicId('merchant', id)));
  });

  it('made twice with one Idempotency-Key are one', async () => {
    const headers = { 'idempotency-key': 'merchant-once' };
    const first = await asOperator('POST', '/admin/merchants', { name: 'Once' }, headers);
    const again = await asOperator('POST', '/admin/merchants', { name: 'Once' }, headers);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it.each([
    [{ name: '' }, 'parameter_invalid', 'name'],
    [{ name: '   ' }, 'parameter_invalid', 'name'],
    [{ name: 'x'.repeat(201) }, 'parameter_invalid', 'name'],
    [{}, 'parameter_missing', 'name'],
    [{ name: 'A', defaultCurrency: 'usd' }, 'currency_unknown', 'defaultCurrency'],
    [{ name: 'A', defaultCurrency: 'QQQ' }, 'currency_unknown', 'defaultCurrency'],
    [{ name: 'A', status: 'suspended' }, 'parameter_unknown', 'status'],
  ])('%j is refused', async (body, code, param) => {
    const reply = await asOperator('POST', '/admin/merchants', body);
    expect([reply.status, reply.body]).toMatchObject([400, { error: { code, param } }]);
  });

  it.each([['limit=0'], ['limit=101'], ['limit=x'], ['limit=1&limit=2'], ['startingAfter=x'], ['page=2']])(
    'a list with %s is refused',
    async (query) => {
      expect((await asOperator('GET', `/admin/merchants?${query}`)).status).toBe(400);
    },
  );
});

describe('API keys', () => {
  let merchant: TestMerchant;
  beforeAll(async () => {
    merchant = await api.addMerchant('Keys');
  });

  it('are shown once, and work at once', async () => {
    const created = await asOperator('POST', `/admin/merchants/${merchant.publicId}/keys`, { mode: 'live' });
    const { key, prefix, id } = created.body as { key: string; prefix: string; id: string };
    expect(created.status).toBe(201);
    expect(key).toMatch(/^dp_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}$/);
    expect(key.startsWith(prefix)).toBe(true);
    expect((await api.call('GET', `/api/v1/merchants/${merchant.publicId}`, { key })).status).toBe(200);

    const list = await asOperator('GET', `/admin/merchants/${merchant.publicId}/keys`);
    expect((list.body as List).data).toContainEqual(expect.objectContaining({ id, prefix, revokedAt: null }));
    expect(list.text).not.toContain(key.split('_').pop());
  });

  it('a repeat of a lost answer gives the same key, once more in full', async () => {
    const headers = { 'idempotency-key': 'key-once' };
    const path = `/admin/merchants/${merchant.publicId}/keys`;
    const first = await asOperator('POST', path, { mode: 'test' }, headers);
    const again = await asOperator('POST', path, { mode: 'test' }, headers);
    expect((again.body as { key: string }).key).toBe((first.body as { key: string }).key);
  });

  it("can't be revoked through another merchant", async () => {
    const other = await api.addMerchant('Other');
    const list = await asOperator('GET', `/admin/merchants/${merchant.publicId}/keys?limit=1`);
    const id = (list.body as List).data[0]?.id;
    expect((await asOperator('DELETE', `/admin/merchants/${other.publicId}/keys/${id}`)).status).toBe(404);
    expect((await asOperator('DELETE', `/admin/merchants/${merchant.publicId}/keys/${id}`)).status).toBe(200);
    // Revoking again changes nothing.
    const again = await asOperator('DELETE', `/admin/merchants/${merchant.publicId}/keys/${id}`);
    expect(again.status).toBe(200);
  });
});

describe('transactions', () => {
  let merchant: TestMerchant;
  let ids: string[];
  const now = new Date();

  beforeAll(async () => {
    merchant = await api.addMerchant('Seller');
    const other = await api.addMerchant('Neighbour');
    await insertPayment(api.database, { merchantId: other.id, orderId: 'foreign' });
    await insertPayment(api.database, { merchantId: merchant.id, orderId: 'in-live', mode: 'live' });
    ids = [];
    const made = [
      { orderId: 'a', status: 'succeeded' },
      { orderId: 'b', status: 'failed', currency: 'EUR' },
      { orderId: 'c', status: 'requires_action', method: 'card' as const },
      { orderId: 'd' },
      { orderId: 'e', status: 'succeeded', currency: 'EUR' },
    ];
    for (const payment of made)
      ids.push(await insertPayment(api.database, { merchantId: merchant.id, ...payment }));
  });

  const list = async (query: string, key = merchant.testKey) => {
    const reply = await api.call('GET', `/api/v1/merchants/${merchant.publicId}/transactions${query}`, {
      key,
    });
    return {
      ...reply,
      orders: ((reply.body as List).data ?? []).map(({ orderId }) => orderId),
      page: reply.body as List,
    };
  };

  it('are the merchant’s own, of the key’s mode, newest first', async () => {
    const { orders, page } = await list('');
    expect(orders).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(page.hasMore).toBe(false);
    expect(page.data[4]).toMatchObject({
      id: publicId('payment', ids[0] ?? ''),
      object: 'payment',
      orderId: 'a',
      status: 'succeeded',
      amount: '100.50',
      currency: 'USD',
      mode: 'test',
      merchantId: merchant.publicId,
    });
    expect((await list('', merchant.liveKey)).orders).toEqual(['in-live']);
  });

  it('an operator says which mode', async () => {
    expect((await list('', api.operatorKey)).body).toMatchObject({
      error: { code: 'parameter_missing', param: 'mode' },
    });
    expect((await list('?mode=live', api.operatorKey)).orders).toEqual(['in-live']);
  });

  it('pages by payment id and by orderId', async () => {
    const first = await list('?limit=2');
    expect([first.orders, first.page.hasMore]).toEqual([['e', 'd'], true]);
    const second = await list(`?limit=2&startingAfter=${first.page.data[1]?.id}`);
    expect([second.orders, second.page.hasMore]).toEqual([['c', 'b'], true]);
    const third = await list('?limit=2&startingAfter=b');
    expect([third.orders, third.page.hasMore]).toEqual([['a'], false]);
    expect((await list('?startingAfter=foreign')).body).toMatchObject({ error: { param: 'startingAfter' } });
  });

  it.each([
    ['?status=succeeded', ['e', 'a']],
    ['?status=succeeded,failed', ['e', 'b', 'a']],
    // "pending" is shown as "processing", unless it waits for a channel.
    ['?status=processing', ['d']],
    ['?status=pending', []],
    ['?method=card', ['c']],
    ['?method=wallet', []],
    ['?currency=EUR', ['e', 'b']],
    ['?currency=EUR&status=succeeded', ['e']],
    ['?currency=JPY', []],
  ])('filters %s', async (query, orders) => {
    expect((await list(query)).orders).toEqual(orders);
  });

  it('tells what waits for a channel from what the channel has in hand', async () => {
    const payment = { merchantId: merchant.id, orderId: 'waits', mode: 'live' as const };
    const id = await insertPayment(api.database, payment);
    await api.database.query('update payments set last_error = $2 where id = $1', [id, noChannelError]);
    expect((await list('?status=pending', merchant.liveKey)).orders).toEqual(['waits']);
    expect((await list('?status=processing', merchant.liveKey)).orders).toEqual(['in-live']);
    expect((await list('?status=pending,processing', merchant.liveKey)).orders).toEqual(['waits', 'in-live']);
  });

  it('filters by time', async () => {
    const minute = (offset: number) =>
      encodeURIComponent(new Date(now.getTime() + offset * 60_000).toISOString());
    expect((await list(`?from=${minute(-1)}&to=${minute(1)}`)).orders).toHaveLength(5);
    expect((await list(`?from=${minute(1)}`)).orders).toEqual([]);
    expect((await list(`?to=${minute(-1)}`)).orders).toEqual([]);
    expect((await list(`?from=${minute(1)}&to=${minute(-1)}`)).body).toMatchObject({
      error: { param: 'to' },
    });
  });

  it.each([
    ['?status=paid'],
    ['?method=cheque'],
    ['?status='],
    ['?currency=usd'],
    ['?from=yesterday'],
    ['?limit=0'],
    ['?sort=amount'],
  ])('refuses %s', async (query) => expect((await list(query)).status).toBe(400));

  it('reads the partitions of its time range only', async () => {
    const { rows } = await api.database.query<{ 'QUERY PLAN': string }>(
      `explain select * from payments where merchant_id = $1 and mode = 'test' and id >= $2 and id < $3
       order by id desc limit 20`,
      [
        merchant.id,
        lowestIdAt(new Date(now.getTime() - 60_000)),
        lowestIdAt(new Date(now.getTime() + 60_000)),
      ],
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const partitions = new Set(plan.match(/payments_20\d{4}/g));
    expect(partitions.size).toBeLessThanOrEqual(2);
    expect(partitions.size).toBeGreaterThanOrEqual(1);
  });
});
