import { checkCode } from '../../../dev/sandboxes/ecpay/check-code';
import type { ChargeRequest, RefundRequest } from '../../../integrations/channels/payment-provider';
import { readAccount } from '../../../integrations/channels/ecpay/account';
import { createEcpayClient, type EcpayClient } from '../../../integrations/channels/ecpay/client';
import { createCreditActions } from '../../../integrations/channels/ecpay/credit-actions';
import { createLook } from '../../../integrations/channels/ecpay/look';
import { createStatements } from '../../../integrations/channels/ecpay/statements';
import { createCaller } from '../../../integrations/call';
import { createHttpClient } from '../../../integrations/http-exchange';
import { createLog } from '../../../telemetry/log';
import { captureContract } from './contract-captures';
import { channelContract } from './contract';
import { actionOf, contractTools, eventOf } from './contract-tools';
import { startEcpayHarness, type EcpayHarness } from './ecpay-harness';

channelContract('ECPay', () => startEcpayHarness());

describe('an ECPay account that does not close by itself', () => {
  let harness: EcpayHarness;
  const tools = contractTools(() => harness);
  beforeEach(async () => {
    harness = await startEcpayHarness({ closesDaily: false });
  });
  afterEach(() => harness.close());

  captureContract(() => harness, tools);

  describe('keeps what was captured, where it can not be given back', () => {
    let charge: ChargeRequest;
    const closings = () => harness.sandbox.find(charge.reference)!.closings.map(({ status }) => status);
    const refund = () =>
      harness.provider.refundCharge!(tools.call(), refundOf(harness, charge, charge.amount));
    beforeEach(async () => {
      charge = await tools.paid({ capture: 'manual' });
      await harness.provider.captureCharge!(tools.call(), {
        chargeReference: charge.reference,
        reference: `${charge.reference}.c1`,
        amount: charge.amount,
        currency: 'TWD',
        isFinal: true,
      });
    });

    it('by telling ECPay once more to close', async () => {
      harness.sandbox.addFault({ kind: 'refund_failing', count: 2 });
      expect(await refund()).toMatchObject({ kind: 'unavailable', error: { code: 'state_changed' } });
      expect(await refund()).toMatchObject({ kind: 'declined', error: { code: 'refund_failed' } });
      harness.sandbox.closeDay();
      expect(closings()).toEqual(['undone', 'closed']);
    });

    it('and is not told as failed before that is certain', async () => {
      harness.sandbox.addFault({ kind: 'refund_failing' });
      harness.sandbox.addFault({ kind: 'not_processed', operation: 'capture', count: 1 });
      const before = ['unavailable', 'unavailable'];
      for (const kind of before) expect(await refund()).toMatchObject({ kind });
      harness.sandbox.addFault({ kind: 'drop_after', operation: 'capture', count: 1 });
      expect(await refund()).toMatchObject({ kind: 'unknown' });
      // It had arrived, and is taken back once more.
      expect(closings()).toEqual(['undone', 'to_close']);
      expect(await refund()).toMatchObject({ kind: 'unavailable', error: { code: 'state_changed' } });
      expect(await refund()).toMatchObject({ kind: 'declined', error: { code: 'refund_failed' } });
      expect(closings()).toEqual(['undone', 'undone', 'to_close']);
    });
  });

  it('captures the whole or nothing, and takes no card at once, for nobody would close it', async () => {
    const charge = await tools.paid({ capture: 'manual' });
    const part = await harness.provider.captureCharge!(tools.call(), {
      chargeReference: charge.reference,
      reference: `${charge.reference}.c1`,
      amount: charge.amount / 2n,
      currency: 'TWD',
      isFinal: true,
    });
    expect(part).toMatchObject({ kind: 'declined', error: { code: 'partial_capture_not_supported' } });
    expect(await harness.provider.startCharge(tools.call(), tools.request({ method: 'card' }))).toMatchObject(
      {
        kind: 'unavailable',
        error: { code: 'capture_not_supported' },
      },
    );
  });
});

describe('ECPay', () => {
  let harness: EcpayHarness;
  const tools = contractTools(() => harness);
  beforeEach(async () => {
    harness = await startEcpayHarness();
  });
  afterEach(() => harness.close());

  const refund = (...wanted: [ChargeRequest, bigint, bigint?, string?]) =>
    harness.provider.refundCharge!(tools.call(), refundOf(harness, ...wanted));

  it('knows no trade before the customer’s browser has posted the form', async () => {
    const charge = tools.request();
    const action = actionOf(await harness.provider.startCharge(tools.call(), charge));
    expect(action).toMatchObject({ type: 'form_post', url: `${harness.sandbox.url}/Cashier/AioCheckOut/V5` });
    expect(JSON.stringify(action)).not.toContain(harness.sandbox.account.hashKey);
    expect(await tools.query(charge)).toEqual({ kind: 'not_found' });
    await harness.open!(action);
    expect(await tools.query(charge)).toMatchObject({ kind: 'open' });
  });

  it('refuses a form that somebody changed on the way', async () => {
    const action = actionOf(await harness.provider.startCharge(tools.call(), tools.request()));
    if (action.type !== 'form_post') throw new Error(action.type);
    const cheaper = { ...action, fields: { ...action.fields, TotalAmount: '1' } };
    await expect(harness.open!(cheaper)).rejects.toThrow('CheckMacValue verify fail');
    expect(harness.orders()).toBe(0);
  });

  it.each([
    ['Credit', '4'],
    ['CVS', '32'],
    ['ATM', '50000'],
  ])('has a cashier that takes no %s trade of %s dollars', async (ChoosePayment, TotalAmount) => {
    const action = actionOf(await harness.provider.startCharge(tools.call(), tools.request()));
    if (action.type !== 'form_post') throw new Error(action.type);
    const fields: Record<string, string> = { ...action.fields, ChoosePayment, TotalAmount };
    delete fields['CheckMacValue'];
    fields['CheckMacValue'] = checkCode(harness.sandbox.account, fields);
    await expect(harness.open!({ ...action, fields })).rejects.toThrow('TotalAmount must be from');
    expect(harness.orders()).toBe(0);
  });

  it.each([
    ['ATM', 'bank_transfer', { bankCode: '812' }],
    ['CVS', 'cash_code', { code: expect.stringMatching(/^GW\d{12}$/) as string }],
  ] as const)(
    'gives a number to pay by at %s, told and asked for, and is paid later',
    async (way, method, details) => {
      await harness.close();
      harness = await startEcpayHarness({ paymentTypes: way });
      const charge = tools.request({ method });
      await tools.started(charge);
      const { cashier_path: path } = harness.sandbox.find(charge.reference)!;
      const press = (what: string) =>
        fetch(`${harness.sandbox.url}${path}/${what}`, {
          method: 'POST',
          headers: { accept: 'application/json' },
        });
      await press('number');
      const [told] = await harness.webhooks(1);
      const open = eventOf(harness.webhook.verify(harness.config, told!));
      expect(open).toMatchObject({
        reference: charge.reference,
        status: { kind: 'open', nextAction: { type: method, details: { amount: '100', ...details } } },
      });
      expect(await tools.query(charge)).toEqual({
        ...('status' in open && open.status),
        mayBeInProcess: true,
      });
      await press('pay');
      const paid = (await harness.webhooks(2))[1]!;
      expect(eventOf(harness.webhook.verify(harness.config, paid))).toMatchObject({
        status: { kind: 'succeeded' },
      });
      expect(await refund(charge, 100n)).toMatchObject({
        kind: 'declined',
        error: { code: 'refund_not_supported' },
      });
    },
  );

  it.each([
    'unknown_status',
    'garbage_answer',
    'huge_answer',
    'endless_answer',
    'error_after_commit',
  ] as const)('believes no query that is answered with %s', async (breakage) => {
    const charge = await tools.paid();
    harness.breakNextCall(breakage);
    const status = await harness.provider.queryCharge(tools.call(400), charge);
    expect(status).toMatchObject({ kind: 'unknown' });
    expect(await tools.query(charge)).toMatchObject({ kind: 'succeeded' });
  });

  it('says when a trade was paid, to the second', async () => {
    const charge = await tools.paid();
    const paidAt = harness.sandbox.find(charge.reference)!.paid_at!.replace(/\.\d+Z$/, '.000Z');
    expect(await tools.query(charge)).toMatchObject({ kind: 'succeeded', charge: { movedAt: paidAt } });
  });

  it('never counts a simulated payment', async () => {
    const charge = tools.request();
    await tools.started(charge);
    await fetch(`${harness.sandbox.url}/sandbox/simulate?reference=${charge.reference}`, { method: 'POST' });
    const [simulated] = await harness.webhooks(1);
    expect(harness.webhook.verify(harness.config, simulated!)).toMatchObject({ kind: 'irrelevant' });
    expect(await tools.query(charge)).toMatchObject({ kind: 'open' });
  });

  it('repeats a notification until it reads 1|OK, five times at most', async () => {
    harness.receiver.refuse(2);
    await tools.paid();
    await harness.webhooks(3);
    const verdicts = harness.receiver.received.map((raw) => harness.webhook.verify(harness.config, raw));
    expect(new Set(verdicts.map((verdict) => eventOf(verdict).eventId)).size).toBe(1);
    harness.receiver.refuse(9);
    await tools.paid();
    await harness.webhooks(8);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(harness.receiver.received).toHaveLength(8);
  });

  describe('gives back', () => {
    const actionsOf = (charge: ChargeRequest) =>
      harness.sandbox.find(charge.reference)!.refunds.map(({ action, amount }) => `${action} ${amount}`);

    it('all of it before the evening by abandoning the authorisation', async () => {
      const charge = await tools.paid();
      expect(await refund(charge, 100n)).toMatchObject({ kind: 'succeeded' });
      expect(harness.sandbox.find(charge.reference)).toMatchObject({ status: 'abandoned', closings: [] });
    });

    it('a part before the evening by closing it first, and then the rest', async () => {
      const charge = await tools.paid();
      expect(await refund(charge, 30n)).toMatchObject({ kind: 'succeeded' });
      expect(harness.sandbox.find(charge.reference)!.closings).toEqual([{ amount: 100, status: 'to_close' }]);
      expect(await refund(charge, 70n, 30n, 'ref_2')).toMatchObject({ kind: 'succeeded' });
      expect(actionsOf(charge)).toEqual(['R 30', 'R 70']);
    });

    it('all of what is told to close by taking that back first', async () => {
      const charge = await tools.paid();
      harness.sandbox.addFault({ kind: 'drop_before', operation: 'refund', count: 1 });
      expect(await refund(charge, 30n)).toMatchObject({ kind: 'unknown' });
      expect(harness.sandbox.find(charge.reference)!.closings).toEqual([{ amount: 100, status: 'to_close' }]);
      expect(await refund(charge, 100n, 0n, 'ref_2')).toMatchObject({ kind: 'succeeded' });
      expect(harness.sandbox.find(charge.reference)).toMatchObject({
        status: 'abandoned',
        closings: [{ status: 'undone' }],
      });
    });

    it('after the evening by a refund proper', async () => {
      const charge = await tools.paid();
      harness.sandbox.closeDay();
      expect(await refund(charge, 100n)).toMatchObject({ kind: 'succeeded' });
      expect(actionsOf(charge)).toEqual(['R 100']);
    });

    it('once what an earlier call gives back between the look and the action', async () => {
      const charge = await tools.paid();
      harness.sandbox.closeDay();
      const reading = readAccount(harness.config);
      if (!reading.ok) throw new Error(reading.message);
      const outcome = await withClient((client) => {
        const overtaken: EcpayClient = {
          async ask(call, service, parameters) {
            if (service === 'action') await client.ask(call, service, parameters);
            return client.ask(call, service, parameters);
          },
        };
        const actions = createCreditActions(overtaken, createLook(client));
        return actions.refund(tools.call(), reading.account, refundOf(harness, charge, 100n));
      });
      expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'state_changed' } });
      expect(await refund(charge, 100n)).toMatchObject({ kind: 'succeeded' });
      expect(actionsOf(charge)).toEqual(['R 100']);
    });

    it('nothing of one charge for another that was told under the same number', async () => {
      const charge = await tools.paid();
      const second = { ...refundOf(harness, charge, 100n), providerRef: '999000111' };
      const refused = { kind: 'declined', error: { code: 'charge_not_found' } };
      expect(await harness.provider.refundCharge!(tools.call(), second)).toMatchObject(refused);
      expect(actionsOf(charge)).toEqual([]);
      const captured = { ...second, providerRef: `${refundOf(harness, charge, 100n).providerRef}:C` };
      expect(await harness.provider.refundCharge!(tools.call(), captured)).toMatchObject({
        kind: 'succeeded',
      });
      expect(await harness.provider.queryRefund!(tools.call(), second)).toMatchObject(refused);
    });

    it('nothing where ECPay refuses, and says why in its own words', async () => {
      const charge = await tools.paid();
      harness.nextRefund({ fails: true });
      expect(await refund(charge, 100n)).toMatchObject({
        kind: 'declined',
        error: { code: 'refund_failed', rawCode: expect.stringContaining('error_balance') as string },
      });
      expect(actionsOf(charge)).toEqual([]);
    });

    it('nothing without the code that looks into a card', async () => {
      const charge = await tools.paid();
      delete harness.config.credentials['creditCheckCode'];
      expect(await refund(charge, 100n)).toMatchObject({
        kind: 'unavailable',
        error: { code: 'channel_misconfigured' },
      });
    });
  });

  it('reads both statements into rows', async () => {
    const charge = await tools.paid();
    harness.sandbox.closeDay();
    await refund(charge, 40n);
    const days = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    await withClient(async (client) => {
      const statements = createStatements(client);
      const trade = { kind: 'payment', amountMinor: '100', currency: 'TWD', fee: '3', net: '97', day };
      const { order_id: tradeNo } = harness.sandbox.find(charge.reference)!;
      expect(await statements.trades(tools.call(), days)).toMatchObject({
        kind: 'rows',
        rows: [{ ...trade, providerRef: tradeNo }],
      });
      expect(await statements.cards(tools.call(), days)).toMatchObject({
        kind: 'rows',
        rows: [trade, { kind: 'refund', amountMinor: '-40', fee: '-1', net: '-39', day }],
      });
    });
  });
});

function refundOf(
  { sandbox }: EcpayHarness,
  charge: ChargeRequest,
  amount: bigint,
  refundedBefore = 0n,
  reference = 'ref_1',
): RefundRequest {
  return {
    chargeReference: charge.reference,
    providerRef: sandbox.find(charge.reference)!.order_id,
    reference,
    amount,
    currency: 'TWD',
    reason: 'tea',
    refundedBefore,
  };
}

/** For what the product's channel does not offer. */
async function withClient<Value>(use: (client: EcpayClient) => Promise<Value>): Promise<Value> {
  const http = createHttpClient({
    connectionsPerOriginMax: 1,
    connectTimeoutMs: 1_000,
    answerBytesMax: 65_536,
  });
  const caller = createCaller({
    log: createLog({ level: 'silent', process: 'test' }),
    metrics: { called: () => undefined, breakerChanged: () => undefined, heldBack: () => undefined },
    concurrencyMax: 1,
    queueMax: 1,
  });
  try {
    return await use(createEcpayClient({ caller, http, now: () => new Date() }));
  } finally {
    caller.close();
    await http.close();
  }
}
