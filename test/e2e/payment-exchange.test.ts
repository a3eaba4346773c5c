import { auditInvariants } from '../../db/read-models/invariants';
import { divideRounded } from '../../domain/money/rounding';
import { formatAmount } from '../../domain/money/amount';
import type { PublicExchange } from '../../domain/payment/present';
import { disputesOn } from '../support/disputes';
import { recordedHistory } from '../support/history';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';

let platform: Platform;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { EXCHANGE_QUOTE_TTL_MS: '2500', CHANNEL_FAST_TIMEOUT_MS: '400', CHANNEL_TIMEOUT_MS: '900' },
  });
  refunds = refundsOn(platform);
  await enterRate({ base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' });
});
afterAll(async () => {
  try {
    const checks = await auditInvariants(platform.database, { msMaxEach: 10_000 });
    expect(checks.find(({ name }) => name === 'conversions_match')?.checked).toBeGreaterThan(5);
  } finally {
    await platform?.close();
  }
});
afterEach(() => platform.sandbox.clearFaults());

type Exchanged = PaymentBody & { exchange: PublicExchange | null };

async function enterRate(body: Record<string, unknown>): Promise<void> {
  const reply = await platform.call('POST', '/api/v1/admin/exchange/rates', {
    key: platform.operatorKey,
    body,
  });
  expect(reply.status).toBe(201);
}

async function quoted(amount = '100.00', settleCurrency = 'TWD'): Promise<string> {
  const body = { amount, currency: 'USD', settleCurrency };
  const reply = await platform.call('POST', '/api/v1/exchange/quotes', {
    key: platform.merchant.apiKey,
    body,
  });
  expect(reply.status).toBe(201);
  return (reply.body as { id: string }).id;
}

const order = (over: Record<string, unknown> = {}) =>
  anOrder({ amount: '100.00', settleCurrency: 'TWD', ...over });

async function paid(over: Record<string, unknown> = {}): Promise<Exchanged> {
  return (await refunds.paidPayment(order(over))) as Exchanged;
}

/** Balances of the books, in debits less credits, of both currencies. */
async function books(): Promise<Record<string, bigint>> {
  const { rows } = await platform.database.query<{ name: string; balance: bigint }>(
    `select kind || ' ' || currency as name, ledger_balance(id) as balance from ledger_accounts`,
  );
  return Object.fromEntries(rows.map(({ name, balance }) => [name, balance]));
}

const moved = (before: Record<string, bigint>, after: Record<string, bigint>) =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, balance]) => [name, balance - (before[name] ?? 0n)] as const)
      .filter(([, balance]) => balance !== 0n),
  );

const refusedWith = (code: string, param?: string) => ({
  body: { error: { code, ...(param === undefined ? {} : { param }) } },
});

it('is paid in one currency and credited in another, at the rate that was locked when it began', async () => {
  const before = await books();
  const started = await platform.startPayment(order());
  expect(started).toMatchObject({
    status: 201,
    body: { exchange: { settleCurrency: 'TWD', rate: '31.185', marketRate: '31.5', spreadPercent: '1' } },
  });
  const payment = started.body as Exchanged;
  await enterRate({ base: 'USD', quote: 'TWD', rate: '40' }); // the market moves while the customer thinks
  await platform.checkout(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  await enterRate({ base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' });

  expect(moved(before, await books())).toEqual({
    'channel_receivable USD': 10_000n,
    'fx_clearing USD': -10_000n,
    'fx_clearing TWD': 3_150n,
    'merchant_pending TWD': -3_118n,
    'fx_result TWD': -32n,
  });
  const told = await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  expect(told.data.payment).toMatchObject({ exchange: payment.exchange });
  const quote = await platform.call('GET', `/api/v1/exchange/quotes/${payment.exchange?.quoteId}`, {
    key: platform.merchant.apiKey,
  });
  expect(quote.body).toMatchObject({ status: 'locked', paymentId: payment.id, settleAmount: '3118' });
  // What it costs Temporal is what any payment costs.
  const { events, workflowTasks } = await recordedHistory(
    platform.temporal,
    platform.workflowId(payment.orderId),
  );
  expect([events.length, workflowTasks]).toEqual([13, 2]);
});

describe('a quote', () => {
  it('is what the payment is exchanged at, whatever the newest rate is', async () => {
    const quoteId = await quoted();
    await enterRate({ base: 'USD', quote: 'TWD', rate: '20', spreadPercent: '1' });
    const reply = await platform.startPayment(order({ quoteId }));
    await enterRate({ base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' });
    expect(reply).toMatchObject({ status: 201, body: { exchange: { quoteId, marketRate: '31.5' } } });
  });

  it('is one payment’s: of ten that come at once with it one begins, and nothing is written of the others', async () => {
    const quoteId = await quoted();
    const orders = Array.from({ length: 10 }, () => order({ quoteId }));
    const replies = await Promise.all(orders.map((body) => platform.startPayment(body)));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = replies.filter(({ status }) => status !== 201);
    for (const reply of refused) expect(reply).toMatchObject({ status: 409, ...refusedWith('quote_used') });
    const { rows } = await platform.database.query<{ count: bigint }>(
      'select count(*) from payments where order_id = any ($1)',
      [orders.map(({ orderId }) => orderId)],
    );
    expect(rows[0]?.count).toBe(1n);
  });

  it('the same order again is the same payment', async () => {
    const body = order({ quoteId: await quoted() });
    const first = await platform.startPayment(body);
    const again = await platform.startPayment(body);
    expect([again.status, (again.body as Exchanged).id]).toEqual([200, (first.body as Exchanged).id]);
    expect((again.body as Exchanged).exchange).toEqual((first.body as Exchanged).exchange);
  });

  it('is for its amount, its currencies, its merchant, and its time', async () => {
    const quoteId = await quoted();
    const start = (over: Record<string, unknown>) => platform.startPayment(order({ quoteId, ...over }));
    expect(await start({ amount: '100.01' })).toMatchObject({
      status: 422,
      ...refusedWith('quote_mismatch'),
    });
    expect(await start({ settleCurrency: 'EUR' })).toMatchObject({
      status: 422,
      ...refusedWith('quote_mismatch'),
    });
    expect(await start({ quoteId: `qte_${'0'.repeat(32)}` })).toMatchObject(refusedWith('quote_unknown'));
    expect(await start({ settleCurrency: undefined })).toMatchObject(refusedWith('parameter_missing'));
    await new Promise((resolve) => setTimeout(resolve, 2_600));
    expect(await start({})).toMatchObject({ status: 422, ...refusedWith('quote_expired') });
  });
});

it.each([
  ['rate_unknown', { currency: 'EUR', settleCurrency: 'TWD' }],
  ['currency_not_enabled', { settleCurrency: 'JPY' }],
  ['currency_unknown', { settleCurrency: 'ABC' }],
])('%s: nothing is begun', async (code, over) => {
  const body = order(over);
  expect(await platform.startPayment(body)).toMatchObject(refusedWith(code));
  const read = await platform.call('GET', `/api/v1/payments/${body.orderId}`, {
    key: platform.merchant.apiKey,
  });
  expect(read.status).toBe(404);
});

it('what would come to nothing is neither quoted nor begun', async () => {
  // 0.01 USD at 31.5 less 1 % is 0.31 TWD.
  const refusal = { status: 422, ...refusedWith('amount_too_small', 'amount') };
  const quote = await platform.call('POST', '/api/v1/exchange/quotes', {
    key: platform.merchant.apiKey,
    body: { amount: '0.01', currency: 'USD', settleCurrency: 'TWD' },
  });
  expect(quote).toMatchObject(refusal);
  expect(await platform.startPayment(order({ amount: '0.01' }))).toMatchObject(refusal);
  expect((await platform.startPayment(order({ amount: '0.04' }))).status).toBe(201);
});

it('what would be more than an amount can be is neither quoted nor begun', async () => {
  const refusal = { status: 400, ...refusedWith('amount_too_large', 'amount') };
  await enterRate({ base: 'USD', quote: 'TWD', rate: '9'.repeat(30) });
  try {
    const quote = await platform.call('POST', '/api/v1/exchange/quotes', {
      key: platform.merchant.apiKey,
      body: { amount: '100.00', currency: 'USD', settleCurrency: 'TWD' },
    });
    expect(quote).toMatchObject(refusal);
    expect(await platform.startPayment(order())).toMatchObject(refusal);
  } finally {
    await enterRate({ base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' });
  }
});

it('to settle in the currency that is paid in is no exchange', async () => {
  const reply = await platform.startPayment(order({ settleCurrency: 'USD' }));
  expect(reply).toMatchObject({ status: 201, body: { exchange: null } });
});

it('each capture is exchanged by itself, at the one rate', async () => {
  const started = (await platform.startPayment(order({ capture: 'manual' }))).body as PaymentBody;
  await platform.checkout(started, 'pay');
  await platform.waitForStatus(started.id, 'authorized');
  const before = await books();
  const capture = (body: object) =>
    platform.call('POST', `/api/v1/payments/${started.id}/capture`, { key: platform.merchant.apiKey, body });
  await capture({ amount: '30.00' });
  await enterRate({ base: 'USD', quote: 'TWD', rate: '20' });
  await capture({ amount: '20.50', isFinal: true });
  await enterRate({ base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' });
  // 30.00 × 31.185 = 935.55; 20.50 × 31.185 = 639.29…
  expect(moved(before, await books())).toMatchObject({
    'merchant_pending TWD': -(935n + 639n),
    'fx_clearing USD': -5_050n,
    'fx_clearing TWD': 945n + 645n,
  });
});

describe('giving it back', () => {
  it('undoes the exchange at its own rate: a full refund leaves the books as they were', async () => {
    const before = await books();
    const payment = await paid();
    await enterRate({ base: 'USD', quote: 'TWD', rate: '40' });
    const reply = await refunds.ask({ paymentId: payment.id });
    await enterRate({ base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '1' });
    expect(reply).toMatchObject({
      status: 201,
      body: { status: 'succeeded', amount: '100.00', currency: 'USD' },
    });
    expect(moved(before, await books())).toEqual({});
    expect((await refunds.journalsOf((reply.body as RefundBody).id)).sort()).toEqual([
      'exchange',
      'refund',
      'refund_hold',
    ]);
  });

  it('in parts that come at once, the parts sum to the whole', async () => {
    const before = await books();
    const payment = await paid();
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => refunds.ask({ paymentId: payment.id, amount: '9.99' })),
    );
    const begun = replies.filter(({ status }) => status === 201);
    expect(begun).toHaveLength(10);
    for (const { body } of begun) await refunds.waitFor((body as RefundBody).id, 'succeeded');
    expect((await refunds.ask({ paymentId: payment.id })).body).toMatchObject({ amount: '0.10' });
    await platform.waitForStatus(payment.id, 'refunded');
    expect(moved(before, await books())).toEqual({});
  });

  it('one that fails puts everything back', async () => {
    const payment = await paid();
    const before = await books();
    platform.sandbox.addFault({ kind: 'refund_failing', count: 1 });
    const { id } = (await refunds.ask({ paymentId: payment.id, amount: '33.33' })).body as RefundBody;
    await refunds.waitFor(id, 'failed');
    expect(moved(before, await books())).toEqual({});
  });

  it('a dispute withholds it in the currency that was paid, and gives it back when it is won', async () => {
    const disputes = disputesOn(platform);
    const payment = await paid();
    const before = await books();
    const atBank = await disputes.open(payment);
    const dispute = await disputes.of(payment);
    expect(moved(before, await books())).toEqual({
      'merchant_pending TWD': 3_118n,
      'fx_result TWD': 32n,
      'fx_clearing TWD': -3_150n,
      'fx_clearing USD': 10_000n,
      'merchant_held USD': -10_000n,
    });
    await disputes.decide(atBank, 'win');
    await disputes.waitFor(dispute.id, 'won');
    expect(moved(before, await books())).toEqual({});
  });
});

it('a fee is taken before the exchange, goes back with the refund, and a refund’s own is paid at the market’s rate', async () => {
  const plan = (body: Record<string, unknown>) =>
    platform.call('POST', '/api/v1/admin/fee-plans', {
      key: platform.operatorKey,
      body: {
        name: 'one',
        payer: 'merchant',
        currency: 'USD',
        merchantId: platform.merchant.publicId,
        ...body,
      },
    });
  const made = await Promise.all([
    plan({
      transactionType: 'payment',
      terms: { tiers: [{ percent: '2.9', fixed: '0.30' }], refundable: 'percentage' },
    }),
    plan({ transactionType: 'refund', terms: { tiers: [{ fixed: '0.10' }] } }),
    plan({ transactionType: 'dispute', terms: { tiers: [{ fixed: '20.00' }] } }),
  ]);
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
  const before = await books();
  const payment = await paid();
  // 96.80 × 31.185 = 3018.7…
  expect(moved(before, await books())).toMatchObject({
    'merchant_pending TWD': -3_018n,
    'fee_income USD': -320n,
    'fx_clearing USD': -9_680n,
  });
  const reply = await refunds.ask({ paymentId: payment.id, amount: '40.00' });
  expect(reply).toMatchObject({ status: 201, body: { status: 'succeeded' } });
  // The merchant's part is 38.84 of 96.80, so it gives that part of 3018; the refund's fee is 0.10 × 31.5, rounded up.
  expect(moved(before, await books())).toMatchObject({
    'merchant_pending TWD': -(3_018n - 1_210n - 4n),
    'fee_income USD': -(320n - 116n + 10n),
    'channel_receivable USD': 6_000n,
  });
  expect((await books())['merchant_pending USD']).toBe(0n);

  const disputes = disputesOn(platform);
  const disputed = await paid();
  const beforeDispute = await books();
  const atBank = await disputes.open(disputed);
  const dispute = await disputes.of(disputed);
  const withheld = await books();
  await disputes.decide(atBank, 'lose');
  await disputes.waitFor(dispute.id, 'lost');
  // A lost dispute's fee is 20.00 × 31.5, too.
  expect(moved(withheld, await books())).toMatchObject({
    'merchant_pending TWD': 630n,
    'fee_income USD': -2_000n,
    'fx_clearing USD': 2_000n,
  });
  expect(moved(beforeDispute, await books())['channel_receivable USD']).toBe(-10_000n);
  expect((await books())['merchant_pending USD']).toBe(0n);
});

it('gain and loss are there to be seen', async () => {
  await enterRate({ base: 'USD', quote: 'TWD', rate: '30', spreadPercent: '1' });
  const read = async () => {
    const path = '/api/v1/admin/exchange/positions?mode=test&valuedIn=TWD';
    const reply = await platform.call('GET', path, { key: platform.operatorKey });
    expect(reply.status).toBe(200);
    return reply.body as {
      positions: { currency: string; position: string; positionValue: string }[];
      openGain: string;
    };
  };
  const { positions, openGain } = await read();
  const usd = positions.find(({ currency }) => currency === 'USD');
  const twd = positions.find(({ currency }) => currency === 'TWD');
  const held = await books();
  expect(usd?.position).toBe(formatAmount(-(held['fx_clearing USD'] ?? 0n), 'USD'));
  expect(twd?.position).toBe(formatAmount(-(held['fx_clearing TWD'] ?? 0n), 'TWD'));
  const value = BigInt(usd?.positionValue ?? 'none');
  expect(value).toBe(divideRounded(-(held['fx_clearing USD'] ?? 0n) * 30n, 100n, 'half_even'));
  expect(BigInt(openGain)).toBe(value + BigInt(twd?.position ?? 'none'));
  expect(BigInt(openGain)).toBeLessThan(0n);
});

describe('the audit finds', () => {
  /** Not even the tables' owner may change a quote while its triggers stand; afterwards all is as it was. */
  async function withQuotes(change: string, undo: string, look: () => Promise<void>): Promise<void> {
    const alter = (set: string) =>
      platform.database.query(
        `begin; alter table exchange_quotes disable trigger user; update exchange_quotes set ${set};
         alter table exchange_quotes enable trigger user; commit`,
      );
    await alter(change);
    try {
      await look();
    } finally {
      await alter(undo);
    }
  }
  const brokenOf = async (name: string) => {
    const checks = await auditInvariants(platform.database, { msMaxEach: 10_000 });
    return checks.find((check) => check.name === name)?.broken ?? 0;
  };
  const locked = 'where payment_id is not null';

  it('an exchange that is not at the rate of its quote', async () => {
    await expect(
      platform.database.query(`update exchange_quotes set market_d = market_d + 1 ${locked}`),
    ).rejects.toMatchObject({ code: 'EX002' });
    await withQuotes(`market_n = market_n * 2 ${locked}`, `market_n = market_n / 2 ${locked}`, async () => {
      expect(await brokenOf('conversions_match')).toBeGreaterThan(5);
    });
    expect(await brokenOf('conversions_match')).toBe(0);
  });

  it.each(['refunds', 'disputes'])(
    'what was undone of an exchange, if one of the %s says otherwise',
    async (table) => {
      const change = `update ${table} set exchange = `;
      await platform.database.query(
        `${change} exchange || jsonb_build_object('was', exchange, 'source', '1') where exchange is not null`,
      );
      try {
        expect(await brokenOf('conversions_match')).toBeGreaterThan(0);
      } finally {
        await platform.database.query(`${change} exchange -> 'was' where exchange is not null`);
      }
      expect(await brokenOf('conversions_match')).toBe(0);
    },
  );

  it('money in FX clearing that no quote explains', async () => {
    const { rows } = await platform.database.query<{ id: string; payment_id: string }>(
      `select id, payment_id from exchange_quotes where payment_id in (select payment_id from ledger_journals where kind = 'exchange') limit 1`,
    );
    const [quote] = rows;
    if (quote === undefined) throw new Error('nothing was exchanged');
    const its = `where id = '${quote.id}'`;
    const undo = `payment_id = '${quote.payment_id}', locked_at = created_at ${its}`;
    await withQuotes(`payment_id = null, locked_at = null ${its}`, undo, async () => {
      expect(await brokenOf('clearing_is_explained')).toBeGreaterThan(0);
    });
    expect(await brokenOf('clearing_is_explained')).toBe(0);
  });
});
