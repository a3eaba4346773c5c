import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { ChannelConfig, ChargeRequest } from '../../../integrations/channels/payment-provider';
import { until } from '../../support/until';
import { channelContract } from './contract';
import { startStripeHarness, type StripeHarness } from './stripe-harness';

channelContract('Stripe', () => startStripeHarness());

describe('Stripe', () => {
  let harness: StripeHarness;
  beforeEach(async () => {
    harness = await startStripeHarness();
  });
  afterEach(() => harness.close());

  const call = (config: ChannelConfig = harness.config) => ({
    config,
    timeoutMs: 1_000,
    correlationId: 'payment/1',
  });
  const charge = (changes: Partial<ChargeRequest> = {}): ChargeRequest => ({
    reference: 'pay_1-1',
    amount: 100n,
    currency: 'TWD',
    description: 'for Ms Lin',
    webhookUrl: harness.webhookUrl,
    expiresAt: new Date(Date.now() + 60_000),
    capture: 'automatic',
    ...changes,
  });

  it.each([
    ['TWD', 100n, 10_000],
    ['USD', 1_050n, 1_050],
    ['JPY', 500n, 500],
  ])('counts %s %s in its own units', async (currency, amount, units) => {
    const outcome = await harness.provider.startCharge(call(), charge({ currency, amount }));
    if (outcome.kind !== 'action') throw new Error(outcome.kind);
    expect(harness.sandbox.find('pay_1-1')).toMatchObject({
      amount: units,
      currency: currency.toLowerCase(),
    });
    await harness.pay(outcome.nextAction);
    const status = await harness.provider.queryCharge(call(), { reference: 'pay_1-1', currency });
    expect(status).toMatchObject({ kind: 'succeeded', charge: { amountMinor: String(amount), currency } });
  });

  it.each([
    ['TWD', 1_000_000n],
    ['TWD', 0n],
    ['USD', 49n],
    ['JPY', 49n],
    ['HKD', 399n],
  ])('is not asked for an amount of %s %s that it does not take', async (currency, amount) => {
    const outcome = await harness.provider.startCharge(call(), charge({ currency, amount }));
    expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'amount_not_supported' } });
    expect(harness.orders()).toBe(0);
  });

  it.each([
    ['test', 'sk_live_1'],
    ['live', 'sk_test_durapay_sandbox'],
    ['test', 'pk_test_1'],
  ] as const)('of %s mode sends nothing with the key %s', async (mode, secretKey) => {
    const config = { ...harness.config, mode, credentials: { ...harness.config.credentials, secretKey } };
    const outcome = await harness.provider.startCharge(call(config), charge());
    expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'channel_misconfigured' } });
    expect(JSON.stringify(outcome)).not.toContain(secretKey);
    expect(harness.orders()).toBe(0);
  });

  it('is asked for a charge that nobody has described', async () => {
    const outcome = await harness.provider.startCharge(call(), charge({ description: '' }));
    expect(outcome).toMatchObject({ kind: 'action' });
  });

  it('is found by our reference even while its search lags behind', async () => {
    harness.breakNextCall('timeout_after_commit');
    const short = { ...call(), timeoutMs: 1_000 };
    expect(await harness.provider.startCharge(short, charge())).toMatchObject({ kind: 'unknown' });
    await until('the order is made', () => harness.orders() === 1);
    harness.sandbox.addFault({ kind: 'search_lags' });
    const query = { reference: 'pay_1-1', currency: 'TWD' };
    expect(await harness.provider.queryCharge(call(), query)).toMatchObject({ kind: 'open' });
    const other = { reference: 'pay_2-1', currency: 'TWD' };
    expect(await harness.provider.queryCharge(call(), other)).toEqual({ kind: 'not_found' });
  });

  it('takes a second capture of what was captured in part for what it is: too late', async () => {
    const reserved = charge({ capture: 'manual' });
    const outcome = await harness.provider.startCharge(call(), reserved);
    if (outcome.kind !== 'action') throw new Error(outcome.kind);
    await harness.pay(outcome.nextAction);
    const capture = (reference: string) => ({
      chargeReference: 'pay_1-1',
      providerRef: outcome.providerRef,
      reference,
      amount: 40n,
      currency: 'TWD',
      isFinal: true,
    });
    expect(await harness.provider.captureCharge!(call(), capture('c-1'))).toMatchObject({
      kind: 'succeeded',
      captured: { amountMinor: '40' },
    });
    expect(await harness.provider.captureCharge!(call(), capture('c-2'))).toMatchObject({
      kind: 'declined',
      error: { code: 'not_capturable' },
    });
    const several = await harness.provider.captureCharge!(call(), { ...capture('c-3'), isFinal: false });
    expect(several).toMatchObject({ kind: 'declined' });
  });

  it('has the time of one call for all the pages that it looks through', async () => {
    // The search and the list behind it would each come in time, and so be an answer.
    harness.sandbox.addFault({ kind: 'delay_before', operation: 'query', ms: 300 });
    const query = { reference: 'pay_2-1', currency: 'TWD' };
    const status = await harness.provider.queryCharge({ ...call(), timeoutMs: 450 }, query);
    expect(status).toMatchObject({ kind: 'unknown', error: { code: 'timeout' } });
  });

  it('does not refuse a capture only because it could not look at the reservation', async () => {
    const outcome = await harness.provider.startCharge(call(), charge({ capture: 'manual' }));
    if (outcome.kind !== 'action') throw new Error(outcome.kind);
    await harness.pay(outcome.nextAction);
    const { providerRef } = outcome;
    const capture = {
      ...{ chargeReference: 'pay_1-1', providerRef, reference: 'c-1', amount: 100n, currency: 'TWD' },
      isFinal: false,
    };
    harness.sandbox.addFault({ kind: 'drop_before', operation: 'query', count: 1 });
    expect(await harness.provider.captureCharge!(call(), capture)).toMatchObject({ kind: 'unavailable' });
    expect(await harness.provider.captureCharge!(call(), capture)).toMatchObject({ kind: 'succeeded' });
  });

  describe('its statement', () => {
    const hour = 3_600_000;
    const query = (changes: object = {}) => ({
      from: new Date(Date.now() - hour),
      to: new Date(Date.now() + hour),
      limit: 100,
      ...changes,
    });

    async function moved(currency: string, amount: bigint) {
      const outcome = await harness.provider.startCharge(call(), charge({ currency, amount }));
      if (outcome.kind !== 'action') throw new Error(outcome.kind);
      await harness.pay(outcome.nextAction);
      const refund = { reference: 'ref_1', reason: '', amount: amount / 2n, currency };
      await harness.provider.refundCharge!(call(), {
        ...{ ...refund, chargeReference: 'pay_1-1', providerRef: outcome.providerRef! },
      });
      const dispute = await harness.disputes!.open('pay_1-1');
      await harness.disputes!.end(dispute, 'won');
      return { chargeRef: outcome.providerRef!, dispute };
    }

    it('has what was charged, given back, disputed and won, exact and under our references', async () => {
      const { chargeRef, dispute } = await moved('USD', 1_050n);
      const page = await harness.provider.listMovements!(call(), query());
      if (page.kind !== 'rows') throw new Error(JSON.stringify(page));
      expect(page.next).toBeUndefined();
      const byType = new Map(page.rows.map((row) => [row.type, row]));
      expect([...byType.keys()].sort()).toEqual(['dispute', 'dispute_won', 'payment', 'refund']);
      expect(byType.get('payment')).toMatchObject({
        ...{ reference: 'pay_1-1', chargeRef, currency: 'USD', rawType: 'charge' },
        ...{ gross: '10.50', fee: '0.60', net: '9.90' },
        at: expect.stringMatching(/^\d{4}-/) as string,
        availableOn: expect.stringMatching(/^\d{4}-/) as string,
      });
      expect(byType.get('refund')).toMatchObject({
        ...{ reference: 'ref_1', chargeRef, gross: '-5.25', fee: '0.30', net: '-5.55' },
      });
      expect(byType.get('dispute')).toMatchObject({ providerRef: dispute, gross: '-10.50', fee: '15.00' });
      expect(byType.get('dispute_won')).toMatchObject({ gross: '10.50', fee: '-15.00', net: '25.50' });
    });

    it('is turned page by page, each row once, within its time and no further', async () => {
      await moved('TWD', 100n);
      const seen: string[] = [];
      let after: string | undefined;
      for (let turned = 0; turned < 10; turned += 1) {
        const page = await harness.provider.listMovements!(call(), query({ limit: 1, after }));
        if (page.kind !== 'rows') throw new Error(JSON.stringify(page));
        expect(page.rows).toHaveLength(1);
        seen.push(page.rows[0]!.id);
        after = page.next;
        if (after === undefined) break;
      }
      expect(new Set(seen).size).toBe(4);
      const before = await harness.provider.listMovements!(
        call(),
        query({ to: new Date(Date.now() - hour / 2) }),
      );
      expect(before).toEqual({ kind: 'rows', rows: [] });
    });

    it.each(['timeout_after_commit', 'garbage_answer', 'not_processed'] as const)(
      'that did not come (%s) is unavailable, and never an empty one',
      async (breakage) => {
        await moved('USD', 1_000n);
        harness.breakNextCall(breakage);
        const page = await harness.provider.listMovements!({ ...call(), timeoutMs: 200 }, query());
        expect(page.kind).toBe('unavailable');
      },
    );
  });

  describe('a kept card', () => {
    async function kept(token: string) {
      const made = await harness.provider.vault!.createCustomer(call(), { reference: 'cus_1' });
      if (made.kind !== 'ok') throw new Error(made.kind);
      const { customerRef } = made.value;
      const first = charge({ reference: 'pay_9-1', customer: { customerRef } });
      const outcome = await harness.provider.startCharge(call(), first);
      if (outcome.kind !== 'action') throw new Error(outcome.kind);
      await harness.payWith(outcome.nextAction, token);
      const listed = await harness.provider.vault!.listMethods(call(), customerRef);
      if (listed.kind !== 'ok') throw new Error(listed.kind);
      return { customerRef, methodRef: listed.value[0]!.methodRef };
    }

    it('that always asks is declined while nobody is there, with a code that says so', async () => {
      const customer = await kept('pm_card_authenticationRequired');
      const declined = {
        kind: 'declined',
        error: { code: 'authentication_required', rawCode: 'authentication_required' },
      };
      expect(await harness.provider.startCharge(call(), charge({ customer }))).toMatchObject(declined);
      // The same answer again, and no other.
      expect(await harness.provider.startCharge(call(), charge({ customer }))).toMatchObject(declined);
      const query = { reference: 'pay_1-1', currency: 'TWD' };
      expect(await harness.provider.queryCharge(call(), query)).toMatchObject(declined);
      expect(harness.charges('pay_1-1')).toBe(0);
    });

    it('whose intent was made and left unconfirmed is confirmed, once for one reference', async () => {
      const customer = await kept('pm_card_visa');
      harness.sandbox.addFault({ kind: 'left_unconfirmed', count: 1 });
      for (let time = 1; time <= 2; time += 1) {
        expect(await harness.provider.startCharge(call(), charge({ customer }))).toMatchObject({
          kind: 'succeeded',
        });
      }
      expect(harness.charges('pay_1-1')).toBe(1);
    });

    it('that its bank declines is declined', async () => {
      const customer = await kept('pm_card_visa');
      harness.sandbox.addFault({ kind: 'autodecline', operation: 'create', count: 1 });
      expect(await harness.provider.startCharge(call(), charge({ customer }))).toMatchObject({
        kind: 'declined',
        error: { code: 'card_declined', rawCode: 'generic_decline' },
      });
    });
  });

  describe('evidence', () => {
    const pdf = { name: 'a.pdf', contentType: 'application/pdf', contentBase64: 'JVBERi0xLjcKMQ==' };
    const text = { name: 'b.txt', contentType: 'text/plain', contentBase64: 'c2lnbmVk' };

    async function disputed() {
      const outcome = await harness.provider.startCharge(call(), charge());
      if (outcome.kind !== 'action') throw new Error(outcome.kind);
      await harness.pay(outcome.nextAction);
      return { chargeReference: 'pay_1-1', disputeRef: await harness.disputes!.open('pay_1-1') };
    }
    const inBook = () => harness.sandbox.find('pay_1-1')?.disputes[0];

    it('goes in once with its file, also when no answer came to either step', async () => {
      const about = await disputed();
      const request = { ...about, reference: 'evd_1', text: 'See there.', documents: [pdf, text] };
      for (const [operation, evidence] of [
        ['upload', 0],
        ['evidence', 1],
      ] as const) {
        harness.sandbox.addFault({ kind: 'drop_after', operation, count: 1 });
        expect(await harness.provider.submitEvidence!(call(), request)).toMatchObject({ kind: 'unknown' });
        expect(inBook()).toMatchObject({ evidence });
      }
      expect(await harness.provider.submitEvidence!(call(), request)).toEqual({ kind: 'accepted' });
      expect(inBook()).toMatchObject({ status: 'under_review', evidence: 1, files: 1 });
      const more = await harness.provider.submitEvidence!(call(), { ...request, reference: 'evd_2' });
      expect(more).toMatchObject({ kind: 'declined', error: { code: 'evidence_refused' } });
    });

    it('that Stripe has no place for is not sent', async () => {
      const about = { ...(await disputed()), reference: 'evd_1' };
      const long = await harness.provider.submitEvidence!(call(), {
        ...{ ...about, text: 'x'.repeat(20_001), documents: [] },
      });
      const two = await harness.provider.submitEvidence!(call(), {
        ...{ ...about, text: '', documents: [pdf, pdf] },
      });
      for (const outcome of [long, two]) {
        expect(outcome).toMatchObject({ kind: 'declined', error: { code: 'evidence_too_long' } });
      }
      expect(inBook()).toMatchObject({ evidence: 0 });
    });
  });

  describe('tells by webhook', () => {
    const event = (type: string, object: object, changes: object = {}) => ({
      id: 'evt_1',
      object: 'event',
      created: 1_767_225_731,
      livemode: false,
      type,
      data: { object },
      ...changes,
    });
    const intent = {
      id: 'pi_1',
      object: 'payment_intent',
      status: 'succeeded',
      amount: 10_000,
      amount_received: 10_000,
      currency: 'twd',
      metadata: { durapay_reference: 'pay_1-1' },
    };

    function verdict(content: object) {
      const raw = { headers: {}, body: Buffer.from(JSON.stringify(content)), receivedAt: new Date() };
      return harness.webhook.verify(harness.config, harness.signed(raw, harness.webhookSecret, new Date()));
    }

    it('what became of an intent of ours', () => {
      expect(verdict(event('payment_intent.succeeded', intent))).toEqual({
        kind: 'verified',
        event: {
          eventId: 'evt_1',
          occurredAt: '2026-01-01T00:02:11.000Z',
          about: 'charge',
          reference: 'pay_1-1',
          status: { kind: 'succeeded', charge: { providerRef: 'pi_1', amountMinor: '100', currency: 'TWD' } },
        },
      });
    });

    it('that it is still at work on one', () => {
      const working = event('payment_intent.processing', {
        ...intent,
        status: 'processing',
        amount_received: 0,
      });
      expect(verdict(working)).toMatchObject({
        kind: 'verified',
        event: { reference: 'pay_1-1', status: { kind: 'processing', providerRef: 'pi_1' } },
      });
    });

    it('nothing of an amount that is no whole dollar', () => {
      const odd = event('payment_intent.succeeded', { ...intent, amount_received: 10_050 });
      expect(verdict(odd)).toMatchObject({ event: { status: { kind: 'unknown' } } });
    });

    it.each(['charge.refunded', 'customer.created', '__proto__'])(
      '%s, which is genuine, and kept without what it says of people',
      (type) => {
        const told = verdict(event(type, { id: 'x_1', email: 'lin@example.com' }));
        expect(told).toMatchObject({ kind: 'irrelevant', eventId: 'evt_1' });
        const kept = (told as { bodyKept?: Buffer }).bodyKept?.toString();
        expect(kept).toContain('x_1');
        expect(kept).not.toContain('lin@example.com');
      },
    );

    it.each([
      ['customer.updated', { id: 'cus_1', object: 'customer', email: 'lin@example.com' }, {}],
      ['customer.deleted', { id: 'cus_1', object: 'customer' }, {}],
      ['payment_method.attached', { id: 'pm_1', object: 'payment_method', customer: 'cus_1' }, {}],
      ['payment_method.detached', { id: 'pm_1', customer: null }, { customer: 'cus_1' }],
    ])('by %s that a customer has changed, and not how', (type, object, before) => {
      const told = verdict({ ...event(type, {}), data: { object, previous_attributes: before } });
      expect(told).toMatchObject({
        kind: 'verified',
        event: { eventId: 'evt_1', about: 'customer', customerRef: 'cus_1' },
      });
      const { bodyKept, ...said } = told as { bodyKept?: Buffer };
      expect(JSON.stringify(said) + bodyKept?.toString()).not.toContain('lin@example.com');
    });

    const dispute = {
      id: 'dp_1',
      object: 'dispute',
      status: 'needs_response',
      amount: 10_000,
      currency: 'twd',
      reason: 'fraudulent',
      payment_intent: 'pi_1',
      evidence_details: { due_by: 1_767_312_131, has_evidence: false },
      balance_transactions: [{ fee: 50_000, currency: 'twd' }],
    };

    it.each([
      'charge.dispute.created',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.funds_reinstated',
    ])('by %s what stands in the dispute, about a charge that Stripe names', (type) => {
      expect(verdict(event(type, dispute))).toEqual({
        kind: 'verified',
        event: {
          eventId: 'evt_1',
          occurredAt: '2026-01-01T00:02:11.000Z',
          about: 'dispute',
          chargeRef: 'pi_1',
          dispute: {
            providerRef: 'dp_1',
            state: 'opened',
            amountMinor: '100',
            currency: 'TWD',
            reasonCode: 'fraudulent',
            evidenceDueAt: '2026-01-02T00:02:11.000Z',
          },
        },
      });
    });

    it.each([
      ['under_review', { state: 'opened' }],
      ['won', { state: 'won' }],
      ['lost', { state: 'lost', feeMinor: '500' }],
    ])('a dispute that is %s', (status, expected) => {
      const told = verdict(event('charge.dispute.closed', { ...dispute, status }));
      expect(told).toMatchObject({ kind: 'verified', event: { dispute: expected } });
    });

    it.each([
      [10_050, 'twd', '100.50', 'TWD'],
      [0, 'twd', '0', 'TWD'],
      [1_000, 'krw', '1000', 'KRW'],
    ])('a dispute about what can not be, %s %s, as it is told', (amount, currency, amountMinor, ours) => {
      const told = verdict(event('charge.dispute.created', { ...dispute, amount, currency }));
      expect(told).toMatchObject({
        kind: 'verified',
        event: { about: 'dispute', dispute: { amountMinor, currency: ours } },
      });
    });

    it('no fee that was taken in another currency', () => {
      const elsewhere = [{ fee: 1_500, currency: 'usd' }];
      const told = verdict(
        event('charge.dispute.closed', { ...dispute, status: 'lost', balance_transactions: elsewhere }),
      );
      expect(told).toMatchObject({ event: { dispute: { state: 'lost' } } });
      expect(JSON.stringify(told)).not.toContain('feeMinor');
    });

    it.each(['warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented', '__proto__'])(
      'nothing to act upon while a dispute is %s',
      (status) =>
        expect(verdict(event('charge.dispute.updated', { ...dispute, status })).kind).toBe('irrelevant'),
    );

    it('a dispute of a charge that no intent made is not ours', () => {
      const foreign = event('charge.dispute.created', { ...dispute, payment_intent: null });
      expect(verdict(foreign).kind).toBe('irrelevant');
    });

    const refund = { id: 're_1', object: 'refund', status: 'succeeded', amount: 4_000, currency: 'twd' };

    it.each([{}, null])(
      'a refund that was made in its dashboard, by the charge that it names: %j',
      (metadata) => {
        const made = { ...refund, metadata, payment_intent: 'pi_1' };
        expect(verdict(event('refund.created', made))).toMatchObject({
          kind: 'verified',
          event: { about: 'refund', chargeRef: 'pi_1', status: { kind: 'succeeded' } },
        });
      },
    );

    it.each([
      event('payment_intent.succeeded', { ...intent, metadata: {} }),
      event('refund.updated', { ...refund, metadata: {} }),
      event('refund.updated', { ...refund, metadata: null, payment_intent: null }),
    ])('what others do on the same account, which is none of ours: %j', (foreign) => {
      expect(verdict(foreign)).toEqual({ kind: 'irrelevant', eventId: 'evt_1' });
    });

    it('nothing under two times, of which one is old enough to have been overheard', () => {
      const body = Buffer.from(JSON.stringify(event('payment_intent.succeeded', intent)));
      const raw = { headers: {}, body, receivedAt: new Date() };
      const longAgo = new Date(Date.now() - 86_400_000);
      const { headers } = harness.signed(raw, harness.webhookSecret, longAgo);
      for (const between of [',', ', ']) {
        const signature = [`t=${Math.floor(Date.now() / 1_000)}`, headers['stripe-signature']].join(between);
        const told = harness.webhook.verify(harness.config, {
          ...raw,
          headers: { 'stripe-signature': signature },
        });
        expect(told).toEqual({ kind: 'malformed', reason: 'the signature header does not read' });
      }
    });

    it('nothing of the other mode', () => {
      expect(verdict(event('payment_intent.succeeded', intent, { livemode: true })).kind).toBe('forged');
    });

    it.each([
      event('payment_intent.succeeded', {}),
      event('refund.updated', { id: 're_1' }),
      event('charge.dispute.created', {}),
    ])('nothing that does not read: %j', (content) => expect(verdict(content).kind).toBe('malformed'));
  });
});

it('Stripe keeps secrets, customers and bodies out of the log, on good days and bad ones', async () => {
  let log = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString();
      done();
    },
  });
  const harness = await startStripeHarness(pino({ level: 'trace' }, sink));
  try {
    for (const breakage of [
      undefined,
      'timeout_after_commit',
      'error_after_commit',
      'garbage_answer',
    ] as const) {
      if (breakage) harness.breakNextCall(breakage);
      await harness.provider.startCharge(
        { config: harness.config, timeoutMs: 300, correlationId: 'payment/1' },
        {
          reference: `pay_1-${breakage}`,
          amount: 100n,
          currency: 'TWD',
          description: 'for Ms Lin',
          webhookUrl: harness.webhookUrl,
          expiresAt: new Date(Date.now() + 60_000),
          capture: 'automatic',
        },
      );
    }
    expect(log.match(/"correlationId":"payment\/1"/g)).toHaveLength(4);
    for (const secret of Object.values(harness.sandbox.account)) expect(log).not.toContain(secret);
    expect(log).not.toMatch(/Ms Lin|_secret_|All is well/);
  } finally {
    await harness.close();
  }
});
