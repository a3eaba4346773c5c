import { startTestApi, type Reply, type TestApi, type TestMerchant } from '../../support/api';

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi({ settings: { EXCHANGE_QUOTE_TTL_MS: '60000' } });
  merchant = await api.addMerchant();
});
afterAll(() => api?.stop());

const enter = (body: Record<string, unknown>): Promise<Reply> =>
  api.call('POST', '/api/v1/admin/exchange/rates', { key: api.operatorKey, body });
const quote = (body: Record<string, unknown>, key = merchant.testKey): Promise<Reply> =>
  api.call('POST', '/api/v1/exchange/quotes', { key, body });
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const codeOf = ({ body }: Reply) => (body as { error?: { code: string } }).error?.code;

describe('rates', () => {
  it('are entered with source, time and spread, and listed', async () => {
    const reply = await enter({ base: 'USD', quote: 'TWD', rate: '31.4725', spreadPercent: '0.5' });
    expect([reply.status, reply.body]).toMatchObject([
      201,
      { base: 'USD', quote: 'TWD', rate: '31.4725', spreadPercent: '0.5', source: 'manual' },
    ]);
    const list = await api.call('GET', '/api/v1/admin/exchange/rates?base=USD&quote=TWD&source=manual', {
      key: api.operatorKey,
    });
    expect((list.body as { data: { rate: string }[] }).data.map(({ rate }) => rate)).toEqual(['31.4725']);
  });

  it.each([
    ['currency_unknown', { base: 'XXX' }],
    ['parameter_invalid', { rate: '0' }],
    ['parameter_invalid', { rate: '1e3' }],
    ['parameter_invalid', { spreadPercent: '51' }],
    ['parameter_invalid', { quote: 'USD' }],
    ['parameter_invalid', { observedAt: new Date(Date.now() + 3_600_000).toISOString() }],
    ['parameter_invalid', { observedAt: '2026-02-30T00:00:00Z' }],
    ['parameter_invalid', { observedAt: '0000-01-01T00:00:00Z' }],
    ['parameter_unknown', { nonsense: 1 }],
  ])('%s: %j', async (code, over) => {
    const reply = await enter({ base: 'USD', quote: 'TWD', rate: '31.5', ...over });
    expect([reply.status, codeOf(reply)]).toEqual([400, code]);
  });

  it('one moment of a pair is told once', async () => {
    const body = { base: 'USD', quote: 'JPY', rate: '150', observedAt: ago(60_000) };
    const replies = await Promise.all([enter(body), enter(body), enter({ ...body, rate: '151' })]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it.each([
    'update exchange_rates set rate = 99',
    'delete from exchange_rates',
    'truncate exchange_rates cascade',
    'update exchange_quotes set merchant_n = 99',
    'delete from exchange_quotes',
  ])('stay as they were written: %s', async (statement) => {
    await quote({ amount: '5.00', currency: 'USD', settleCurrency: 'TWD' });
    await expect(api.database.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|EX001)$/) as string,
    });
  });

  it.each([
    ['a rate of nothing', `'USD', 'TWD', 0, 0`],
    ['a rate below nothing', `'USD', 'TWD', -1, 0`],
    ['a currency in itself', `'USD', 'USD', 1, 0`],
    ['a spread that takes it all', `'USD', 'TWD', 1, 51`],
    ['a time that nobody filled in', `'USD', 'TWD', 1, 0`, '0001-01-01'],
  ])('the database itself refuses %s', async (_what, values, observedAt = 'now') => {
    await expect(
      api.database.query(
        `insert into exchange_rates (id, base, quote, rate, spread_percent, source, observed_at, recorded_by)
         select gen_random_uuid(), v.*, 'manual', $1::timestamptz, 'me' from (values (${values})) v`,
        [observedAt],
      ),
    ).rejects.toMatchObject({ code: '23514' });
  });
});

describe('quotes', () => {
  it('are of the newest rate, whoever told it', async () => {
    await enter({ base: 'EUR', quote: 'USD', rate: '1.1', observedAt: ago(30_000) });
    await enter({ base: 'EUR', quote: 'USD', rate: '1.2', observedAt: ago(20_000), spreadPercent: '1' });
    await enter({ base: 'EUR', quote: 'USD', rate: '1.3', observedAt: ago(40_000) });
    const reply = await quote({ amount: '100.00', currency: 'EUR', settleCurrency: 'USD' });
    expect([reply.status, reply.body]).toMatchObject([
      201,
      {
        ...{ amount: '100.00', settleAmount: '118.80', rate: '1.188', marketRate: '1.2', spreadPercent: '1' },
        ...{ status: 'open', paymentId: null, mode: 'test', source: 'manual' },
      },
    ]);
    const { id } = reply.body as { id: string };
    const read = await api.call('GET', `/api/v1/exchange/quotes/${id}`, { key: merchant.testKey });
    expect(read.body).toEqual(reply.body);
    const list = await api.call('GET', '/api/v1/exchange/quotes', { key: merchant.testKey });
    expect((list.body as { data: { id: string }[] }).data[0]?.id).toBe(id);
  });

  it('are of something for something: the API refuses the rest by name, the database as well', async () => {
    const asked = { currency: 'USD', settleCurrency: 'EUR' };
    const refused = await quote({ amount: '0.01', ...asked });
    expect([refused.status, codeOf(refused)]).toEqual([422, 'amount_too_small']);
    const { id } = (await quote({ amount: '0.02', ...asked })).body as { id: string };
    await expect(
      api.database.query(
        `insert into exchange_quotes
         select (q).* from (select jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(),
           'source_amount', 1, 'target_amount', 0)) as q from exchange_quotes q where id = $1) made`,
        [id.slice(4)],
      ),
    ).rejects.toMatchObject({ code: '23514', constraint: 'exchange_quotes_to_something' });
  });

  it('are of amounts: what would have more digits is refused by name, by the database as well', async () => {
    await enter({ base: 'USD', quote: 'ETH', rate: '9'.repeat(30) });
    const tooMuch = await quote({ amount: '1.00', currency: 'USD', settleCurrency: 'ETH' });
    expect([tooMuch.status, tooMuch.body]).toMatchObject([
      400,
      { error: { code: 'amount_too_large', param: 'amount' } },
    ]);
    // 0.01 USD is 10^28 wei, and 1.00 USD would be the first of 31 digits.
    await enter({ base: 'USD', quote: 'ETH', rate: '1000000000000' });
    const asked = { currency: 'USD', settleCurrency: 'ETH' };
    expect(codeOf(await quote({ amount: '1.00', ...asked }))).toBe('amount_too_large');
    const largest = await quote({ amount: '0.99', ...asked });
    expect([largest.status, largest.body]).toMatchObject([
      201,
      { settleAmount: `990000000000.${'0'.repeat(18)}` },
    ]);
    await expect(
      api.database.query(
        `insert into exchange_quotes
         select (q).* from (select jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(),
           'source_amount', 100, 'target_amount', 1e30)) as q from exchange_quotes q where id = $1) made`,
        [(largest.body as { id: string }).id.slice(4)],
      ),
    ).rejects.toMatchObject({ code: '23514', constraint: 'exchange_quotes_of_amounts' });
  });

  it('of the pair turned round, where nobody told it that way', async () => {
    const reply = await quote({ amount: '118.80', currency: 'USD', settleCurrency: 'EUR' });
    expect(reply.body).toMatchObject({ settleAmount: '98.01', marketRate: '0.833333333333333333' });
  });

  it('are nobody else’s', async () => {
    const { id } = (await quote({ amount: '1.00', currency: 'EUR', settleCurrency: 'USD' })).body as {
      id: string;
    };
    for (const key of [merchant.liveKey, (await api.addMerchant('Other')).testKey]) {
      expect((await api.call('GET', `/api/v1/exchange/quotes/${id}`, { key })).status).toBe(404);
    }
  });

  it('an Idempotency-Key makes a repeat the same quote', async () => {
    const ask = () =>
      api.call('POST', '/api/v1/exchange/quotes', {
        key: merchant.testKey,
        body: { amount: '7.00', currency: 'EUR', settleCurrency: 'USD' },
        headers: { 'Idempotency-Key': 'quote-7' },
      });
    const [first, second] = [await ask(), await ask()];
    expect(second.body).toEqual(first.body);
  });

  it.each([
    [422, 'rate_unknown', { currency: 'GBP', settleCurrency: 'TWD' }],
    [422, 'exchange_needless', { currency: 'USD', settleCurrency: 'USD' }],
    [400, 'currency_unknown', { settleCurrency: 'ABC' }],
    [400, 'amount_too_precise', { amount: '1.001' }],
    [400, 'amount_not_positive', { amount: '0' }],
  ])('%i %s', async (status, code, over) => {
    const reply = await quote({ amount: '1.00', currency: 'EUR', settleCurrency: 'USD', ...over });
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });

  it('a rate that is too old is refused by name', async () => {
    await enter({ base: 'CHF', quote: 'USD', rate: '1.1', observedAt: ago(86_400_000 + 60_000) });
    const reply = await quote({ amount: '1.00', currency: 'CHF', settleCurrency: 'USD' });
    expect([reply.status, codeOf(reply)]).toEqual([422, 'rate_stale']);
  });
});

describe('a file of rates', () => {
  const importCsv = (csv: string, over: Record<string, unknown> = {}) =>
    api.call('POST', '/api/v1/admin/exchange/rates/import', { key: api.operatorKey, body: { csv, ...over } });
  const problemsOf = ({ body }: Reply) => (body as { error: { problems: unknown } }).error.problems;
  const count = async () => {
    const { rows } = await api.database.query<{ count: bigint }>('select count(*) from exchange_rates');
    return rows[0]?.count ?? 0n;
  };
  const at = ago(5_000);

  it('is taken as a whole; the same file again changes nothing', async () => {
    const csv = `\uFEFFbase,quote,rate,observedAt,spreadPercent\r\nNOK,SEK,0.98,${at},0\r\n"DKK",SEK, 1.5,${at},1.25\r\n`;
    const [first, second] = [await importCsv(csv), await importCsv(csv)];
    expect([first.status, first.body]).toMatchObject([201, { rates: 2, added: 2 }]);
    expect([second.status, second.body]).toMatchObject([201, { rates: 2, added: 0 }]);
    const reply = await quote({ amount: '100.00', currency: 'DKK', settleCurrency: 'SEK' });
    expect(reply.body).toMatchObject({ source: 'csv', spreadPercent: '1.25', marketRate: '1.5' });
  });

  it('an empty spread is none of its own', async () => {
    const csv = `base,quote,rate,observedAt,spreadPercent\nCHF,DKK,8,${at},\nCHF,SEK,12,${at},"" \nCHF,NOK,11.5,${at},0.5`;
    expect((await importCsv(csv, { spreadPercent: '1' })).body).toMatchObject({ rates: 3, added: 3 });
    const { body } = await api.call('GET', '/api/v1/admin/exchange/rates?base=CHF&source=csv', {
      key: api.operatorKey,
    });
    const { data } = body as { data: { quote: string; spreadPercent: string }[] };
    expect(
      Object.fromEntries(data.map(({ quote: currency, spreadPercent }) => [currency, spreadPercent])),
    ).toEqual({
      ...{ DKK: '1', SEK: '1', NOK: '0.5' },
    });
  });

  it('of which only the beginning was read is not counted', async () => {
    const reply = await importCsv(`base,quote,rate,observedAt\n${`USD,TWD,31,${at}\n`.repeat(6_000)}`);
    expect(problemsOf(reply)).toEqual([
      { param: 'csv', message: 'It has more than 5000 rates; 5000 go into one file.' },
    ]);
  });

  it('every bad line is named, and nothing of it is taken', async () => {
    const before = await count();
    const lines = [
      'base,quote,rate,observedAt',
      `PLN,CZK,5.9,${at}`,
      `PLN,CZK,6.0,${at}`,
      `PLN,XXX,5.9,${at}`,
      'PLN,CZK,5.9',
      `PLN,HUF,-90,${at}`,
      `PLN,HUF,90,tomorrow`,
      `PLN,HUF,90,2026-02-30T00:00:00Z`,
      `PLN,HUF,90,0000-01-01T00:00:00Z`,
    ];
    const reply = await importCsv(lines.join('\n'));
    expect([reply.status, codeOf(reply)]).toEqual([422, 'import_refused']);
    expect((problemsOf(reply) as { param: string }[]).map(({ param }) => param)).toEqual([
      'line 3',
      'line 4',
      'line 5',
      'line 6',
      'line 7',
      'line 8',
      'line 9',
    ]);
    expect(await count()).toBe(before);
  });

  it('that contradicts an earlier one is refused, also when both come at once', async () => {
    const file = (rate: string) => `base,quote,rate,observedAt\nHUF,PLN,${rate},${at}\nHUF,CZK,0.06,${at}`;
    const before = await count();
    const replies = await Promise.all([importCsv(file('0.011')), importCsv(file('0.012'))]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(await count()).toBe(before + 2n);
  });

  it.each([
    ['no rates', 'base,quote,rate,observedAt\n', 'csv'],
    ['no names', `USD,TWD,31,${ago(1)}`, 'line 1'],
    ['a name twice', 'base,quote,rate,observedAt,rate\n', 'line 1'],
    ['a quote that does not end', `base,quote,rate,observedAt\n"USD,TWD,31,${ago(1)}`, 'line 2'],
    ['too many', `base,quote,rate,observedAt\n${`USD,TWD,31,${ago(1)}\n`.repeat(5_001)}`, 'csv'],
  ])('%s', async (_what, csv, param) => {
    const reply = await importCsv(csv);
    expect([reply.status, codeOf(reply)]).toEqual([422, 'import_refused']);
    expect(problemsOf(reply)).toMatchObject([{ param }]);
  });
});
