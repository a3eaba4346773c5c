import { newId } from '../../../db/ids';
import { putApiKey } from '../../../db/stores/api-keys-store';
import { sealBlock } from '../../../db/stores/ledger-blocks-store';
import { createLedger } from '../../../db/stores/ledger-store';
import { publicId } from '../../../domain/ids';
import { newApiKey } from '../../../security/api-keys';
import { startTestApi, type Reply, type TestApi, type TestMerchant } from '../../support/api';
import { keyIn } from '../../support/keys';
import { aSuccess } from '../../support/ledger';

let api: TestApi;
let merchant: TestMerchant;
let secondKey: string;
beforeAll(async () => {
  api = await startTestApi();
  merchant = await api.addMerchant();
  const key = newApiKey('admin');
  await putApiKey(api.database, {
    ...{ id: newId(), owner: { role: 'admin' }, prefix: key.prefix, secretHash: key.hash },
  });
  secondKey = key.text;
});
afterAll(() => api?.stop());

const codeOf = ({ body }: Reply) => (body as { error?: { code: string } }).error?.code;
const idOf = ({ body }: Reply) => (body as { id: string }).id;
const count = async (table: string) => {
  const { rows } = await api.database.query<{ count: bigint }>(`select count(*) from ${table}`);
  return rows[0]?.count;
};

interface Side {
  amount: string;
  accountId: string;
}

async function balance(which: 'pending' | 'available', currency = 'USD'): Promise<Side | undefined> {
  const { body } = await api.call('GET', '/api/v1/balances', { key: merchant.testKey });
  const { balances } = body as { balances: ({ currency: string } & Record<string, Side>)[] };
  return balances.find((of) => of.currency === currency)?.[which];
}

describe('a correction', () => {
  const account = () => ({
    merchantId: merchant.publicId,
    mode: 'test',
    balance: 'available',
    currency: 'USD',
  });
  const ask = (over: Record<string, unknown> = {}, key = api.operatorKey): Promise<Reply> =>
    api.call('POST', '/api/v1/admin/ledger/adjustments', {
      key,
      body: { account: account(), direction: 'increase', amount: '5.00', reason: 'a cent too few', ...over },
    });
  const decide = (id: string, key: string, decision = 'approve'): Promise<Reply> =>
    api.call('POST', `/api/v1/admin/ledger/adjustments/${id}/decide`, { key, body: { decision } });

  it('is booked when another person approves it, and names both', async () => {
    const asked = await ask();
    expect([asked.status, asked.body]).toMatchObject([
      201,
      { status: 'pending', amount: '5.00', decidedBy: null },
    ]);
    expect(await balance('available')).toBeUndefined();
    const own = await decide(idOf(asked), api.operatorKey);
    expect([own.status, codeOf(own)]).toEqual([403, 'own_approval']);
    expect(await count('ledger_journals')).toBe(0n);

    const decided = await decide(idOf(asked), secondKey);
    expect([decided.status, decided.body]).toMatchObject([200, { status: 'approved' }]);
    expect((await balance('available'))?.amount).toBe('5.00');
    const journal = await api.call('GET', `/api/v1/ledger/journals/${idOf(asked)}`, { key: api.operatorKey });
    const { requestedBy, decidedBy } = decided.body as { requestedBy: string; decidedBy: string };
    expect(journal.body).toMatchObject({
      kind: 'adjustment',
      reason: `a cent too few (asked for by ${requestedBy})`,
      approvedBy: decidedBy,
    });
    const list = await api.call('GET', '/api/v1/admin/ledger/adjustments?status=approved', {
      key: secondKey,
    });
    expect((list.body as { data: unknown[] }).data).toEqual([decided.body]);
  });

  it('of ten who approve at once one does, and it is booked once', async () => {
    const id = idOf(await ask());
    const before = (await count('ledger_journals')) ?? 0n;
    const replies = await Promise.all(Array.from({ length: 10 }, () => decide(id, secondKey)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter((reply) => codeOf(reply) === 'adjustment_decided')).toHaveLength(9);
    expect(await count('ledger_journals')).toBe(before + 1n);
  });

  it('that is rejected moves nothing, and is over', async () => {
    const id = idOf(await ask());
    const before = await balance('available');
    expect((await decide(id, secondKey, 'reject')).body).toMatchObject({ status: 'rejected' });
    expect(codeOf(await decide(id, secondKey))).toBe('adjustment_decided');
    expect(await balance('available')).toEqual(before);
  });

  it('of an account that may not go below zero stays undecided until there is enough', async () => {
    const id = idOf(await ask({ direction: 'decrease', amount: '11.00' }));
    const refused = await decide(id, secondKey);
    expect([refused.status, codeOf(refused)]).toEqual([422, 'account_overdrawn']);
    await decide(idOf(await ask({ amount: '1.00' })), secondKey);
    expect((await decide(id, secondKey)).body).toMatchObject({ status: 'approved', direction: 'decrease' });
    expect((await balance('available'))?.amount).toBe('0.00');
  });

  it('of the account that is the other side of all corrections is none', async () => {
    await decide(idOf(await ask()), secondKey);
    const { rows } = await api.database.query<{ id: string }>(
      `select id from ledger_accounts where kind = 'adjustments'`,
    );
    const other = rows[0]?.id ?? '';
    const refused = await ask({ account: { id: publicId('ledgerAccount', other) } });
    expect([refused.status, codeOf(refused)]).toEqual([422, 'account_not_adjustable']);
    // As one that was asked for before it was refused.
    const id = newId();
    await api.database.query(
      `insert into ledger_adjustments (id, mode, owner_kind, kind, currency, amount, reason, requested_by)
       values ($1, 'test', 'platform', 'adjustments', 'USD', 700, 'of old', $2)`,
      [id, await keyIn(api.database)],
    );
    const decided = await decide(publicId('adjustment', id), secondKey);
    expect([decided.status, codeOf(decided)]).toEqual([422, 'account_not_adjustable']);
    expect((await decide(publicId('adjustment', id), secondKey, 'reject')).status).toBe(200);
    await decide(idOf(await ask({ direction: 'decrease' })), secondKey);
  });

  it.each([
    [400, 'parameter_missing', { reason: undefined }],
    [400, 'parameter_invalid', { reason: '  ' }],
    [400, 'amount_not_positive', { amount: '0' }],
    [400, 'amount_not_positive', { amount: '-1' }],
    [404, 'not_found', { account: { id: `acc_${'0'.repeat(32)}` } }],
    [400, 'parameter_invalid', { account: { merchantId: 'mer_1' } }],
  ])('%i %s: %j', async (status, code, over) => {
    const reply = await ask(over);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });

  it.each([
    `update ledger_adjustments set amount = 99, status = 'approved', decided_by = gen_random_uuid(), decided_at = now()`,
    `update ledger_adjustments set decided_by = requested_by, status = 'approved', decided_at = now() where status = 'pending'`,
    'delete from ledger_adjustments',
  ])('the database refuses: %s', async (statement) => {
    await ask();
    await expect(api.database.query(statement)).rejects.toMatchObject({ code: expect.any(String) as string });
  });
});

describe('an account', () => {
  const change = (id: string, verb: 'close' | 'reopen'): Promise<Reply> =>
    api.call('POST', `/api/v1/admin/ledger/accounts/${id}/${verb}`, {
      key: api.operatorKey,
      body: { reason: 'the merchant left' },
    });

  it('that holds nothing is closed, refuses by name, and is opened again', async () => {
    const id = (await balance('available'))?.accountId ?? '';
    const closed = await change(id, 'close');
    expect([closed.status, closed.body]).toMatchObject([
      200,
      { id, closedAt: expect.any(String) as string, lastChange: { reason: 'the merchant left' } },
    ]);
    const asked = await api.call('POST', '/api/v1/admin/ledger/adjustments', {
      key: api.operatorKey,
      body: { account: { id }, direction: 'increase', amount: '1.00', reason: 'late' },
    });
    const approve = () =>
      api.call('POST', `/api/v1/admin/ledger/adjustments/${idOf(asked)}/decide`, {
        key: secondKey,
        body: { decision: 'approve' },
      });
    const refused = await approve();
    expect([refused.status, codeOf(refused)]).toEqual([409, 'account_closed']);
    expect((await change(id, 'reopen')).body).toMatchObject({ closedAt: null });
    expect((await approve()).status).toBe(200);
    const left = await change(id, 'close');
    expect([left.status, codeOf(left)]).toEqual([409, 'account_not_empty']);
    const read = await api.call('GET', `/api/v1/admin/ledger/accounts/${id}`, { key: api.operatorKey });
    expect(read.body).toMatchObject({ balance: '1.00', closedAt: null, owner: { id: merchant.publicId } });
  });

  it('nobody knows is not closed', async () => {
    expect((await change(`acc_${'1'.repeat(32)}`, 'close')).status).toBe(404);
  });
});

describe('all accounts', () => {
  interface Accounts {
    data: { id: string; balance: string; kind: string; owner: { id: string | null } }[];
    hasMore: boolean;
  }
  const list = async (query: string) => {
    const reply = await api.call('GET', `/api/v1/admin/ledger/accounts?${query}`, { key: api.operatorKey });
    expect(reply.status).toBe(200);
    return reply.body as Accounts;
  };

  it('are listed page by page, each once and with what it holds', async () => {
    const shop = await api.addMerchant();
    const sales = ['USD', 'TWD', 'EUR'].map((currency) =>
      aSuccess({ merchantId: shop.id, amount: { amount: 10_000n, currency } }),
    );
    await createLedger().post(api.database, sales);
    const whole = await list(`merchantId=${shop.publicId}&limit=100`);
    expect(whole.data.map(({ balance }) => balance).sort()).toEqual(['96.80', '96.80', '9680']);
    expect(whole.data.every(({ owner }) => owner.id === shop.publicId)).toBe(true);

    const seen: string[] = [];
    for (let after = ''; ; after = `&startingAfter=${seen.at(-1)}`) {
      const page = await list(`merchantId=${shop.publicId}&limit=2${after}`);
      seen.push(...page.data.map(({ id }) => id));
      if (!page.hasMore) break;
    }
    expect(seen).toEqual(whole.data.map(({ id }) => id));
    const income = await list('kind=fee_income&currency=TWD&mode=test');
    expect(income.data).toMatchObject([{ kind: 'fee_income', balance: '320', owner: { kind: 'platform' } }]);
    expect((await list('kind=fee_income&mode=live')).data).toEqual([]);
  });

  it.each(['usd', 'XXX'])('are not asked for in %s, which is no currency', async (currency) => {
    const path = `/api/v1/admin/ledger/accounts?currency=${currency}`;
    const refused = await api.call('GET', path, { key: api.operatorKey });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { error: { code: 'currency_unknown', param: 'currency' } },
    ]);
  });

  it('add up to nothing in each currency, sealed or not', async () => {
    const read = async () => {
      const path = '/api/v1/admin/ledger/trial-balance?mode=test';
      const { body } = await api.call('GET', path, { key: api.operatorKey });
      return (body as { currencies: { currency: string; difference: string }[] }).currencies;
    };
    const before = await read();
    expect(before.find(({ currency }) => currency === 'TWD')).toEqual({
      ...{ currency: 'TWD', debits: '10000', credits: '10000', difference: '0' },
      kinds: [
        { kind: 'channel_cost', accounts: 1, debits: '290', credits: '0' },
        { kind: 'channel_receivable', accounts: 1, debits: '9710', credits: '0' },
        { kind: 'fee_income', accounts: 1, debits: '0', credits: '320' },
        { kind: 'merchant_pending', accounts: 1, debits: '0', credits: '9680' },
      ],
    });
    expect(before.map(({ difference }) => Number(difference))).toEqual(before.map(() => 0));
    await sealBlock(api.database, 1_000);
    expect(await read()).toEqual(before);
  });

  it('are for operators alone', async () => {
    for (const path of ['accounts', 'trial-balance?mode=test']) {
      const reply = await api.call('GET', `/api/v1/admin/ledger/${path}`, { key: merchant.testKey });
      expect(reply.status).toBe(403);
    }
  });
});

describe('a statement', () => {
  it('comes as JSON or as CSV, as `Accept` asks', async () => {
    const path = `/api/v1/ledger/accounts/${(await balance('available'))?.accountId}/entries`;
    const as = (accept?: string) =>
      api.call('GET', path, { key: merchant.testKey, headers: accept === undefined ? {} : { accept } });
    const csv = await as('text/csv');
    expect([csv.status, csv.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(csv.headers.get('vary')).toContain('Accept');
    const same = await api.call('GET', `${path}.csv`, { key: merchant.testKey });
    expect(csv.text).toBe(same.text);
    expect(csv.text.split('\r\n').length).toBeGreaterThan(3);
    for (const accept of [
      undefined,
      '*/*',
      'application/json',
      'text/csv;q=0.5, application/json',
      'text/html',
    ]) {
      expect([(await as(accept)).body]).toMatchObject([{ object: 'list' }]);
    }
    const stranger = await api.addMerchant('Other');
    const theirs = await api.call('GET', path, { key: stranger.testKey, headers: { accept: 'text/csv' } });
    expect([theirs.status, codeOf(theirs)]).toEqual([404, 'not_found']);
    const unknown = await api.call('GET', `${path}?limit=5`, {
      key: merchant.testKey,
      headers: { accept: 'text/csv' },
    });
    expect([unknown.status, codeOf(unknown)]).toEqual([400, 'parameter_unknown']);
  });
});
