import { createRecordRefund } from '../../activities/refund/record';
import { newId } from '../../db/ids';
import { createLedger } from '../../db/stores/ledger-store';
import { insertResolution } from '../../db/stores/refund-resolutions-store';
import { checkCode } from '../../dev/sandboxes/ecpay/check-code';
import { parsePublicId } from '../../domain/ids';
import { createLog } from '../../telemetry/log';
import { refundWorkflowId } from '../../workflows/contracts';
import { formOf, openEcpayShop, type EcpayShop } from '../support/ecpay-shop';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn, type RefundBody } from '../support/refunds';
import { until } from '../support/until';

const channelTimeoutMs = 1_500;

let platform: Platform;
let shop: EcpayShop;
let refunds: ReturnType<typeof refundsOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      CHANNEL_FAST_TIMEOUT_MS: '1000',
      CHANNEL_TIMEOUT_MS: String(channelTimeoutMs),
      SWEEP_INTERVAL_MS: '3600000',
      // A refund that waits behind another one has nothing to say before that.
      PAYMENT_ANSWER_WITHIN_MS: '4000',
    },
  });
  shop = await openEcpayShop(platform);
  refunds = refundsOn(platform);
});
afterAll(async () => {
  await shop?.close();
  await platform?.close();
});

const uuidOf = (refundId: string) => parsePublicId('refund', refundId)!;
const bookOf = ({ id }: PaymentBody) => shop.sandbox.find(`${id}-1`)!;
const givenBack = (payment: PaymentBody) => bookOf(payment).refunds.map(({ amount }) => amount);

/** Paid and closed; then so much of it was given back in ECPay's back office, of which the platform knows nothing. */
async function givenBackByHand(sum: string): Promise<PaymentBody> {
  const body = { provider: 'ecpay', currency: 'TWD', amount: '1000', method: 'card' };
  const payment = await platform.openPayment(anOrder(body));
  await shop.arrive(payment);
  await shop.press(payment, 'pay');
  await platform.waitForStatus(payment.id, 'succeeded');
  shop.sandbox.closeDay();
  const fields: Record<string, string> = {
    MerchantID: shop.sandbox.account.merchantId,
    MerchantTradeNo: formOf(payment).fields['MerchantTradeNo'] ?? '',
    TradeNo: bookOf(payment).order_id,
    Action: 'R',
    TotalAmount: sum,
  };
  const signed = { ...fields, CheckMacValue: checkCode(shop.sandbox.account, fields) };
  const address = `${shop.sandbox.url}/CreditDetail/DoAction`;
  await fetch(address, { method: 'POST', body: new URLSearchParams(signed) });
  expect(givenBack(payment)).toEqual([Number(sum)]);
  return payment;
}

async function inDoubt(payment: PaymentBody, amount: string): Promise<string> {
  const { id } = (await refunds.ask({ paymentId: payment.id, amount })).body as RefundBody;
  expect(await refunds.waitFor(id, 'unknown')).toMatchObject({ error: { code: 'refunds_differ' } });
  await until('no call for it can arrive any more', async () => {
    const { rowCount } = await platform.database.query(
      `select 1 from refunds where id = $1 and sent_at < now() - $2 * interval '1 millisecond'`,
      [uuidOf(id), channelTimeoutMs],
    );
    return rowCount === 1;
  });
  return id;
}

const resolve = (refundId: string, body: unknown, headers?: Record<string, string>) =>
  platform.call('POST', `/api/v1/admin/refunds/${refundId}/resolve`, {
    key: platform.operatorKey,
    body,
    headers,
  });

async function storyOf(payment: PaymentBody): Promise<{ by: string; what: string }[]> {
  const { body } = await platform.call('GET', `/api/v1/payments/${payment.id}/timeline`, {
    key: platform.merchant.apiKey,
  });
  return (body as { lines: { by: string; what: string }[] }).lines;
}

async function attentionOf(refundId: string): Promise<string[]> {
  const handle = platform.temporal.workflow.getHandle(refundWorkflowId(uuidOf(refundId)));
  const { searchAttributes } = await handle.describe();
  return (searchAttributes as Record<string, string[]>)['Attention'] ?? [];
}

it('fails by an operator’s word, and those behind it go on beside what was given back elsewhere', async () => {
  const payment = await givenBackByHand('300');
  const { held } = await refunds.balances('TWD');
  const id = await inDoubt(payment, '200');
  const next = (await refunds.ask({ paymentId: payment.id, amount: '100' })).body as RefundBody;
  expect(next.status).toBe('pending');
  expect((await refunds.balances('TWD')).held).toBe(held + 300n);

  const word = { outcome: 'not_made', reason: 'given back at the counter instead', outsideRefunded: '300' };
  const idempotent = { 'Idempotency-Key': newId() };
  const reply = await resolve(id, word, idempotent);
  expect(reply).toMatchObject({ status: 200, body: { id, status: 'failed', error: { code: 'not_made' } } });
  await refunds.waitFor(next.id, 'succeeded');
  expect(givenBack(payment)).toEqual([300, 100]);
  expect((await refunds.balances('TWD')).held).toBe(held);
  expect(await platform.readPayment(payment.id)).toMatchObject({
    status: 'partially_refunded',
    refundedAmount: '100',
  });
  expect(await storyOf(payment)).toContainEqual(
    expect.objectContaining({
      by: expect.stringMatching(/^operator \(key key_/) as string,
      what: 'refund.failed: succeeded – given back at the counter instead',
    }),
  );
  const told = await platform.callbacks.waitFor(payment.orderId, 'refund.failed');
  expect(told.data.refund).toMatchObject({ id, error: { code: 'not_made' } });
  expect(await attentionOf(id)).toEqual([]);

  const repeated = await resolve(id, word, idempotent);
  expect(repeated).toMatchObject({ status: 200, body: { id, status: 'failed' } });
  expect(repeated.headers.get('idempotent-replayed')).toBe('true');
  const again = await resolve(id, word);
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'refund_not_in_doubt' } } });
  expect(again.text).toContain('The refund is failed');
});

it('succeeds by an operator’s word, and counts as given back by us', async () => {
  const payment = await givenBackByHand('500');
  const id = await inDoubt(payment, '200');
  const word = { outcome: 'made', reason: 'the back office shows it', outsideRefunded: '300' };
  expect(await resolve(id, word)).toMatchObject({ status: 200, body: { status: 'succeeded', error: null } });
  expect(await refunds.journalsOf(id)).toEqual(['refund_hold', 'refund']);
  expect(givenBack(payment)).toEqual([500]);
  const next = (await refunds.ask({ paymentId: payment.id, amount: '100' })).body as RefundBody;
  await refunds.waitFor(next.id, 'succeeded');
  expect(givenBack(payment)).toEqual([500, 100]);
});

it('is given a workflow again by the word that needs one, and is on the operators’ list by then', async () => {
  const payment = await givenBackByHand('300');
  const id = await inDoubt(payment, '200');
  expect(await attentionOf(id)).toEqual(['unknown']);
  const handle = platform.temporal.workflow.getHandle(refundWorkflowId(uuidOf(id)));
  await handle.terminate('lost');
  await platform.database.query("update refunds set wake_at = now() - interval '1 h' where id = $1", [
    uuidOf(id),
  ]);
  await platform.sweep('refunds');
  const isListedAgain = async () =>
    (await handle.describe()).status.name === 'RUNNING' && (await attentionOf(id)).includes('unknown');
  await until('its new run is listed', isListedAgain);
  await handle.terminate('lost again');
  const reply = await resolve(id, { outcome: 'not_made', reason: 'not in the back office' });
  expect(reply).toMatchObject({ status: 200, body: { status: 'failed' } });
});

it('is asked for only of a refund in doubt, by an operator, with a reason', async () => {
  const payment = await givenBackByHand('300');
  const id = await inDoubt(payment, '200');
  const waiting = (await refunds.ask({ paymentId: payment.id, amount: '100' })).body as RefundBody;
  const word = { outcome: 'made', reason: 'seen' };
  const early = await resolve(waiting.id, word);
  expect(early).toMatchObject({ status: 409, body: { error: { code: 'refund_not_in_doubt' } } });
  expect(early.text).toContain('The refund is pending');
  expect((await resolve(`ref_${'0'.repeat(32)}`, word)).status).toBe(404);
  for (const bad of [
    { outcome: 'made' },
    { ...word, outcome: 'lost' },
    { ...word, reason: ' ' },
    { ...word, outsideRefunded: '-1' },
    { ...word, outsideRefunded: '0.5' },
    { ...word, outsideRefunded: 300 },
  ])
    expect((await resolve(id, bad)).status).toBe(400);
  const path = `/api/v1/admin/refunds/${id}/resolve`;
  const byMerchant = await platform.call('POST', path, { key: platform.merchant.apiKey, body: word });
  expect(byMerchant.status).toBe(403);
  expect((await refunds.read(id)).status).toBe('unknown');
});

describe('what the channel tells while an operator’s word waits', () => {
  const record = () =>
    createRecordRefund({
      ...{ database: platform.database, ledger: createLedger(), newId },
      channelOf: () => Promise.resolve(undefined),
      callbackCommitted: () => undefined,
      log: createLog({ level: 'silent', process: 'worker' }),
      timings: {
        ...{ channelFastTimeoutMs: 1, channelTimeoutMs: 1, answerWithinMs: 1 },
        ...{ firstNewsWithinMs: 1, refundDoubtMs: 1, keepHistoryAfterMs: 1 },
      },
    });

  async function said(outcome: 'made' | 'not_made'): Promise<string> {
    const id = await inDoubt(await givenBackByHand('300'), '200');
    await platform.forget(refundWorkflowId(uuidOf(id)));
    const word = { requestId: newId(), keyId: newId(), outcome, reason: 'seen' };
    expect(await insertResolution(platform.database, { ...word, refundId: uuidOf(id) })).toBe(true);
    const second = await resolve(id, { outcome: 'not_made', reason: 'seen otherwise' });
    expect(second).toMatchObject({ status: 409, body: { error: { code: 'refund_not_in_doubt' } } });
    return id;
  }

  it('never sends again what was made', async () => {
    const id = await said('made');
    await record()(uuidOf(id), { news: { kind: 'not_found' }, by: 'query' });
    expect((await refunds.read(id)).status).toBe('succeeded');
  });

  it('counts more where the channel knows', async () => {
    const id = await said('not_made');
    const refund = { providerRef: 'R1', amountMinor: '200', currency: 'TWD' };
    await record()(uuidOf(id), { news: { kind: 'succeeded', refund }, by: 'webhook' });
    expect((await refunds.read(id)).status).toBe('succeeded');
  });
});
