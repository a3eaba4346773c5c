import { checkCode } from '../../dev/sandboxes/ecpay/check-code';
import { formOf, openEcpayShop, type EcpayShop } from '../support/ecpay-shop';
import { lateMoneyOn } from '../support/late-money';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';
import { until } from '../support/until';

let platform: Platform;
let shop: EcpayShop;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { CHANNEL_FAST_TIMEOUT_MS: '1500', CHANNEL_TIMEOUT_MS: '3000', SWEEP_INTERVAL_MS: '3600000' },
  });
  shop = await openEcpayShop(platform);
  refunds = refundsOn(platform);
});
afterAll(async () => {
  await shop?.close();
  await platform?.close();
});

const order = (over: Record<string, unknown> = {}) =>
  anOrder({ provider: 'ecpay', currency: 'TWD', amount: '100', method: 'card', ...over });
const bookOf = ({ id }: PaymentBody) => shop.sandbox.find(`${id}-1`);

async function paid(over: Record<string, unknown> = {}): Promise<PaymentBody> {
  const payment = await platform.openPayment(order(over));
  await shop.arrive(payment);
  await shop.press(payment, 'pay');
  return platform.waitForStatus(payment.id, over['capture'] === 'manual' ? 'authorized' : 'succeeded');
}

function chargesOf(payment: PaymentBody): Promise<number> {
  return platform.database
    .query<{ amount: bigint }>('select amount from provider_charges where payment_id = $1', [
      payment.id.slice(4),
    ])
    .then(({ rows }) => rows.length);
}

it('takes a card by the form that the customer’s browser posts, and gives it back', async () => {
  const payment = await platform.openPayment(order());
  expect(formOf(payment)).toMatchObject({
    url: `${shop.sandbox.url}/Cashier/AioCheckOut/V5`,
    fields: { TotalAmount: '100', ChoosePayment: 'Credit', ItemName: 'Two tins of tea' },
  });
  await shop.arrive(payment);
  await shop.press(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  expect(bookOf(payment)).toMatchObject({ status: 'paid', charges: 1 });

  const reply = await refunds.ask({ paymentId: payment.id });
  expect(reply.status).toBe(201);
  await refunds.waitFor((reply.body as RefundBody).id, 'succeeded');
  expect(bookOf(payment)).toMatchObject({ status: 'abandoned', refunds: [{ amount: 100, action: 'N' }] });
  expect(await platform.readPayment(payment.id)).toMatchObject({ status: 'refunded' });
});

it('answers a repeated notification 1|OK without a second effect, and a forged one 401', async () => {
  const payment = await paid();
  const fields = await paidNotice(payment);
  const repeated = await notify(fields);
  expect([repeated.status, await repeated.text()]).toEqual([200, '1|OK']);
  expect(repeated.headers.get('content-type')).toMatch(/^text\/plain/);
  expect((await notify(fields, '0'.repeat(64))).status).toBe(401);
  expect(await chargesOf(payment)).toBe(1);
  const { rows } = await platform.database.query('select 1 from webhook_inbox where payment_id = $1', [
    payment.id.slice(4),
  ]);
  expect(rows).toHaveLength(1);
});

it('is not told that a payment is paid by the form of another that is cut into other fields', async () => {
  const unpaid = await platform.openPayment(order({ amount: '199999' }));
  const { MerchantID = '', MerchantTradeNo = '' } = formOf(unpaid).fields;
  const news: [string, string][] = [
    ['CustomField1', `${unpaid.id}-1`],
    ['MerchantID', MerchantID],
    ['MerchantTradeNo', MerchantTradeNo],
    ['PaymentType', ''],
    ['RtnCode', '1'],
    ['TradeAmt', '199999'],
    ['TradeDate', new Date().toISOString().slice(0, 10)],
    ['TradeNo', '1'],
  ];
  const text = (fields: [string, string][]) => fields.map((field) => field.join('=')).join('&');
  const form: Record<string, string> = {
    ...formOf(await platform.openPayment(order())).fields,
    // As it was signed while an address was taken as it came.
    ClientBackURL: `https://a.tw?&${text(news)}&Z=`,
  };
  const { CheckMacValue: _other, ...signed } = form;
  const sorted = Object.entries(signed).sort(([left], [right]) => (left < right ? -1 : 1));
  const [before = '', after = ''] = text(sorted).split(`&${text(news)}&Z=`);
  const send = (fields: [string, string][]) =>
    fetch(platform.url + shop.webhookPath, {
      method: 'POST',
      body: new URLSearchParams([...fields, ['CheckMacValue', checkCode(shop.sandbox.account, form)]]),
    });
  for (const end of [before.indexOf('='), before.lastIndexOf('=')]) {
    const first: [string, string] = [before.slice(0, end), before.slice(end + 1)];
    expect((await send([first, ...news, ['Z', after]])).status).toBe(401);
  }
  expect(await chargesOf(unpaid)).toBe(0);
});

it('gives nothing back of the good charge for a second one under its number', async () => {
  const payment = await paid();
  expect((await notify({ ...(await paidNotice(payment)), TradeNo: '999000111' })).status).toBe(200);
  const lateMoney = lateMoneyOn(platform);
  const { id } = await lateMoney.inSuspense(payment, 'open');
  expect((await lateMoney.decide(id, 'refund')).status).toBe(200);
  await until('its refund has failed', async () => {
    const { rows } = await platform.database.query<{ error: { code: string } }>(
      `select error from refunds where payment_id = $1 and status = 'failed'`,
      [payment.id.slice(4)],
    );
    return rows[0]?.error.code === 'charge_not_found';
  });
  expect(await lateMoney.inSuspense(payment, 'open')).toMatchObject({ decision: null });
  expect(bookOf(payment)!.refunds).toEqual([]);

  const { body } = await refunds.ask({ paymentId: payment.id });
  await refunds.waitFor((body as RefundBody).id, 'succeeded');
  expect(bookOf(payment)!.refunds).toEqual([{ amount: 100, action: 'N' }]);
});

async function paidNotice(payment: PaymentBody): Promise<Record<string, string>> {
  const now = new Date(Date.now() + 8 * 3_600_000).toISOString();
  return {
    MerchantID: shop.sandbox.account.merchantId,
    MerchantTradeNo: formOf(await opened(payment)).fields['MerchantTradeNo'] ?? '',
    RtnCode: '1',
    RtnMsg: 'paid',
    TradeNo: bookOf(payment)!.order_id,
    TradeAmt: '100',
    TradeDate: '2026/01/01 00:00:00',
    PaymentDate: now.slice(0, 19).replace('T', ' ').replaceAll('-', '/'),
    PaymentType: 'Credit_CreditCard',
    SimulatePaid: '0',
    CustomField1: `${payment.id}-1`,
    CustomField2: 'automatic',
  };
}

function notify(
  fields: Record<string, string>,
  code = checkCode(shop.sandbox.account, fields),
): Promise<Response> {
  return fetch(platform.url + shop.webhookPath, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, CheckMacValue: code }),
  });
}

/** The payment as its start answered it: the same request gives the same form. */
async function opened({ orderId }: PaymentBody): Promise<PaymentBody> {
  const { rows } = await platform.database.query<{ next_action: PaymentBody['nextAction'] }>(
    `select a.next_action from payment_attempts a join payments p on p.id = a.payment_id where p.order_id = $1`,
    [orderId],
  );
  return { nextAction: rows[0]?.next_action ?? null } as PaymentBody;
}

it('shows the account to pay into as the next action, tells the merchant, and is paid later', async () => {
  const payment = await platform.openPayment(order({ method: 'bank_transfer', expiresInSeconds: 86_400 }));
  expect(formOf(payment).fields).toMatchObject({ ChoosePayment: 'ATM', ExpireDate: '1' });
  await shop.arrive(payment);
  await shop.press(payment, 'number');
  const shown = await until('the number is shown', async () => {
    const now = await platform.readPayment(payment.id);
    return now.nextAction?.type === 'bank_transfer' && now;
  });
  expect(shown).toMatchObject({
    status: 'requires_action',
    nextAction: { details: { bankCode: '812', accountNumber: expect.stringMatching(/^\d{14}$/) as string } },
  });
  const told = await platform.callbacks.waitFor(payment.orderId, 'payment.action_changed');
  expect(told.data).toMatchObject({ payment: { nextAction: { type: 'bank_transfer' } } });
  await shop.press(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  const refused = await refunds.ask({ paymentId: payment.id });
  const { id } = refused.body as RefundBody;
  expect(await refunds.waitFor(id, 'failed')).toMatchObject({ error: { code: 'refund_not_supported' } });
});

it('never takes a simulated payment for money', async () => {
  const payment = await platform.openPayment(order());
  await shop.arrive(payment);
  await fetch(`${shop.sandbox.url}/sandbox/simulate?reference=${payment.id}-1`, { method: 'POST' });
  await until('it is kept', async () => {
    const { rows } = await platform.database.query<{ body: Buffer }>('select body from webhook_inbox');
    return rows.some(({ body }) => /SimulatePaid=1/.test(body.toString()));
  });
  expect((await platform.readPayment(payment.id)).status).toBe('requires_action');
  expect(await chargesOf(payment)).toBe(0);
});

it('gives parts back one after the other, however many are asked for at once', async () => {
  const payment = await paid();
  const replies = await Promise.all(
    ['30', '30', '40'].map((amount) => refunds.ask({ paymentId: payment.id, amount })),
  );
  expect(replies.map(({ status }) => status)).toEqual([201, 201, 201]);
  for (const { body } of replies) await refunds.waitFor((body as RefundBody).id, 'succeeded');
  const made = bookOf(payment)!.refunds.map(({ amount }) => amount);
  expect(made.sort()).toEqual([30, 30, 40]);
  expect(await platform.readPayment(payment.id)).toMatchObject({ status: 'refunded' });
});

it('makes a refund once whose answer was lost', async () => {
  const payment = await paid();
  shop.sandbox.addFault({ kind: 'drop_after', operation: 'refund', count: 1 });
  const { body } = await refunds.ask({ paymentId: payment.id, amount: '60' });
  await refunds.waitFor((body as RefundBody).id, 'succeeded');
  expect(bookOf(payment)!.refunds).toEqual([{ amount: 60, action: 'R' }]);
});

const inTaipei = (ms: number) => new Date(Date.now() + 8 * 3_600_000 + ms).toISOString().slice(11, 19);
/** ECPay has closed its doors a minute ago and opens them again in so many milliseconds. */
const closingFor = (ms: number) => `${inTaipei(-60_000)}-${inTaipei(ms)}`;

async function storyOf({ id }: PaymentBody): Promise<string> {
  const { text } = await platform.call('GET', `/api/v1/payments/${id}/timeline`, {
    key: platform.merchant.apiKey,
  });
  return text;
}

describe('while ECPay closes its day', () => {
  afterEach(() => shop.configure({}));

  it('a refund waits, says why, and goes on by itself', async () => {
    const payment = await paid();
    await shop.configure({ closingHours: closingFor(6_000) });
    const asked = refunds.ask({ paymentId: payment.id });
    await until('the story says why', async () =>
      (await storyOf(payment)).includes('refund.postponed: succeeded – ECPay closes its day'),
    );
    expect(bookOf(payment)!.refunds).toEqual([]);
    const { body } = await asked;
    await refunds.waitFor((body as RefundBody).id, 'succeeded');
  });

  it('a capture waits likewise', async () => {
    await shop.configure({ dailyClosing: 'off' });
    const payment = await paid({ capture: 'manual' });
    await shop.configure({ dailyClosing: 'off', closingHours: closingFor(6_000) });
    const asked = ask(payment, 'capture', { isFinal: true });
    await until('the story says why', async () =>
      /It waits \d+(\.\d+)? s: ECPay closes its day/.test(await storyOf(payment)),
    );
    expect(bookOf(payment)!.closings).toEqual([]);
    expect([200, 202]).toContain((await asked).status);
    await platform.waitForStatus(payment.id, 'succeeded');
    expect(bookOf(payment)!.closings).toEqual([{ amount: 100, status: 'to_close' }]);
  });
});

const ask = ({ id }: PaymentBody, what: string, body: Record<string, unknown>) =>
  platform.call('POST', `/api/v1/payments/${id}/${what}`, { key: platform.merchant.apiKey, body });

it('refuses what the account can not do before anything is written, and the order id is still free', async () => {
  const open = (over: Record<string, unknown>) =>
    platform.call('POST', '/api/v1/payments', { key: platform.merchant.apiKey, body: order(over) });
  const orderId = `ecpay-ways-${Date.now()}`;
  const refused = async (over: Record<string, unknown>, reason: string) => {
    const { status, body } = await open({ orderId, ...over });
    expect(status).toBe(422);
    expect(body).toMatchObject({ error: { code: 'channel_not_available' } });
    expect(JSON.stringify(body)).toContain(reason);
  };
  // This account closes every evening by itself.
  await refused({ capture: 'manual' }, 'does not reserve money for a later capture');
  await refused({ method: 'wallet' }, 'does not offer wallet');
  await shop.configure({ dailyClosing: 'off', paymentTypes: 'ATM,Credit' });
  await refused(
    { capture: 'manual', method: 'bank_transfer' },
    'does not reserve money by bank_transfer for a later capture',
  );
  await refused({}, 'takes no money by card at once');
  const { rows } = await platform.database.query('select 1 from payments where order_id = $1', [orderId]);
  expect(rows).toEqual([]);
  const payment = await platform.openPayment(order({ orderId, capture: 'manual', method: undefined }));
  expect(formOf(payment).fields).toMatchObject({ ChoosePayment: 'Credit', CustomField2: 'manual' });
  await shop.configure({});
});

it('is paid by no method that the operator does not offer, whether the merchant names one or not', async () => {
  await shop.configure({ paymentTypes: 'Credit,ATM,CVS' }, { methods: ['bank_transfer'] });
  const { status, body } = await platform.call('POST', '/api/v1/payments', {
    key: platform.merchant.apiKey,
    body: order(),
  });
  expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining('does not offer card')]);
  const payment = await platform.openPayment(order({ method: undefined }));
  expect(formOf(payment).fields).toMatchObject({ ChoosePayment: 'ATM' });
  await shop.configure({});
});

it('reserves on an account that does not close by itself: captured and given back, or given up', async () => {
  await shop.configure({ dailyClosing: 'off' });
  const kept = await paid({ capture: 'manual' });
  expect((await ask(kept, 'capture', { isFinal: true })).status).toBe(200);
  const { body } = await refunds.ask({ paymentId: kept.id, amount: '40' });
  await refunds.waitFor((body as RefundBody).id, 'succeeded');
  expect(bookOf(kept)).toMatchObject({ closings: [{ amount: 100 }], refunds: [{ amount: 40, action: 'R' }] });

  const given = await paid({ capture: 'manual' });
  expect((await ask(given, 'cancel', { reason: 'sold out' })).body).toMatchObject({ status: 'cancelled' });
  expect(bookOf(given)).toMatchObject({ status: 'abandoned', closings: [] });
  await shop.configure({});
});
