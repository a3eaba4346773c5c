import { setTimeout as sleep } from 'node:timers/promises';
import type { NextAction } from '../../../domain/payment/outcome';
import type {
  ChannelConfig,
  ChannelWebhook,
  ChargeRequest,
  PaymentProvider,
  RawWebhook,
  WebhookVerdict,
} from '../../../integrations/channels/payment-provider';
import { captureContract } from './contract-captures';
import { customerContract } from './contract-customers';
import { disputeContract } from './contract-disputes';
import { refundContract } from './contract-refunds';
import { actionOf, contractTools, eventOf } from './contract-tools';

/** What the next call to the sandbox meets. "After commit" is the bad kind: done, and not heard of. */
export type Breakage =
  | 'timeout_after_commit'
  | 'drop_after_commit'
  | 'error_after_commit'
  | 'timeout_before_commit'
  | 'not_processed'
  | 'unknown_status'
  | 'garbage_answer'
  | 'huge_answer'
  | 'endless_answer';

export interface Movement {
  amount: bigint;
  effects: number;
}

/** A channel and its sandbox, fresh for each test. */
export interface ChannelHarness {
  provider: PaymentProvider;
  webhook: ChannelWebhook;
  config: ChannelConfig;
  currency: string;
  amount: bigint;
  /** Where the sandbox's webhooks arrive. */
  webhookUrl: string;
  webhooks(count: number): Promise<readonly RawWebhook[]>;
  /** Where a start is a form that the customer's browser posts: it arrives there, and does nothing yet. */
  open?(action: NextAction): Promise<void>;
  /** The customer's two choices. */
  pay(action: NextAction): Promise<void>;
  decline(action: NextAction): Promise<void>;
  /** The next call of any kind, or the next that moves money so. */
  breakNextCall(breakage: Breakage, of?: 'capture' | 'refund'): void;
  /** The sandbox's own book, not what the adapter says. */
  charges(reference: string): number;
  orders(): number;
  /** What the book says of one capture or refund: how much, and how often money moved for it. */
  captured(reference: string, captureReference: string): Movement | undefined;
  refunded(reference: string, refundReference: string): Movement | undefined;
  /** Refunds are made, or refused, by the answer itself: none is ever pending, and no webhook tells of one. */
  refundsAtOnce?: boolean;
  /** The next refund is answered as pending, or comes to nothing, or both. */
  nextRefund(manner: { isPending?: boolean; fails?: boolean }): void;
  /** The customer's bank disputes a paid charge; a channel without disputes has no such thing. */
  disputes?: {
    open(reference: string): Promise<string>;
    end(disputeRef: string, how: 'won' | 'lost'): Promise<void>;
    evidence(reference: string): number;
  };
  /** How old, and how far ahead, a webhook may be; five minutes if left out. */
  webhookAge?: { behindMs: number; aheadMs: number };
  /** The webhook with its signature taken off, where that does not stand in a header. */
  unsigned?(webhook: RawWebhook): RawWebhook;
  /** The same webhook as the provider would have signed it with this secret at that time. */
  signed(webhook: RawWebhook, secret: string, at: Date): RawWebhook;
  /** The config as an operator leaves it in the middle of a rotation: this secret is the new one. */
  rotated(config: ChannelConfig, newSecret: string): ChannelConfig;
  webhookSecret: string;
  close(): Promise<void>;
}

/** What every channel must do on its sandbox before it may carry money. */
export function channelContract(name: string, start: () => Promise<ChannelHarness>): void {
  describe(`${name} keeps the channel contract`, () => {
    let harness: ChannelHarness;
    const tools = contractTools(() => harness);
    const { call, request, query, started } = tools;

    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.close());

    async function paid(): Promise<{ charge: ChargeRequest; webhook: RawWebhook }> {
      const charge = await tools.paid();
      const [webhook] = await harness.webhooks(1);
      return { charge, webhook: webhook! };
    }

    it('can do what it declares, in the currency of its sandbox', () => {
      const { provider, currency } = harness;
      const { currencies, methods, amounts, refund, manualCapture } = provider.capabilities;
      expect(currencies).toContain(currency);
      for (const code of currencies) {
        for (const method of methods) {
          const own = amounts.filter((one) => one.currency === code && (one.method ?? method) === method);
          expect([
            code,
            method,
            own.length > 0,
            own.every(({ min, max }) => min >= 1n && min <= max),
          ]).toEqual([...[code, method, true, true]]);
        }
      }
      expect(methods.length).toBeGreaterThan(0);
      if (refund !== 'none') expect([provider.refundCharge, provider.queryRefund]).not.toContain(undefined);
      if (manualCapture !== 'none') expect(provider.captureCharge).toBeDefined();
      expect(harness.webhook.name).toBe(provider.name);
    });

    it('takes by each method what it says of the account, at once and reserved, and refuses the rest', async () => {
      const { provider, config } = harness;
      const { methods, manualCapture } = provider.capabilities;
      for (const capture of ['automatic', 'manual'] as const) {
        const all = capture === 'manual' && manualCapture === 'none' ? [] : methods;
        const said = provider.methodsOf?.(config.credentials, capture) ?? all;
        for (const method of methods) {
          const outcome = await provider.startCharge(call(), request({ method, capture }));
          expect([capture, method, outcome.kind !== 'unavailable']).toEqual([
            ...[capture, method, said.includes(method)],
          ]);
        }
      }
    });

    describe('a charge', () => {
      it('starts with something for the customer to do, and is open until it is done', async () => {
        const charge = request();
        await started(charge);
        expect(await query(charge)).toMatchObject({ kind: 'open' });
        expect(harness.charges(charge.reference)).toBe(0);
      });

      it('succeeds for the exact amount when the customer pays', async () => {
        const charge = request();
        await harness.pay(await started(charge));
        const status = await query(charge);
        const movedAt = status.kind === 'succeeded' ? status.charge.movedAt : undefined;
        expect(status).toEqual({
          kind: 'succeeded',
          charge: {
            providerRef: expect.stringMatching(/./) as string,
            amountMinor: String(charge.amount),
            currency: charge.currency,
            movedAt,
          },
        });
        // Not every channel says when; one that does may leave out the part of a second.
        if (movedAt !== undefined) expect(Math.abs(Date.now() - Date.parse(movedAt))).toBeLessThan(30_000);
        expect(harness.charges(charge.reference)).toBe(1);
      });

      it('is declined when the customer declines, with a code of ours and the raw one', async () => {
        const charge = request();
        await harness.decline(await started(charge));
        expect(await query(charge)).toMatchObject({
          kind: 'declined',
          error: {
            code: expect.stringMatching(/^[a-z_]+$/) as string,
            rawCode: expect.any(String) as string,
          },
        });
        expect(harness.charges(charge.reference)).toBe(0);
      });

      it('is not found under a reference that was never used', async () => {
        expect(await query(request())).toEqual({ kind: 'not_found' });
      });
    });

    describe('cancelling', () => {
      it('ends an open charge, and again is still cancelled', async () => {
        if (harness.provider.capabilities.cancel !== 'all') return;
        const charge = request();
        await started(charge);
        expect(await harness.provider.cancelCharge(call(), charge)).toEqual({ kind: 'cancelled' });
        expect(await harness.provider.cancelCharge(call(), charge)).toEqual({ kind: 'cancelled' });
        expect(await query(charge)).toEqual({ kind: 'cancelled' });
      });

      it('of a declined charge leaves nothing to pay; where a decline does not end it, it is cancelled', async () => {
        const { cancel, declineEnds } = harness.provider.capabilities;
        const charge = request();
        const action = await started(charge);
        await harness.decline(action);
        if (!declineEnds) {
          expect(cancel).toBe('all');
          expect(await harness.provider.cancelCharge(call(), charge)).toEqual({ kind: 'cancelled' });
        }
        await harness.pay(action).catch(() => undefined);
        expect(harness.charges(charge.reference)).toBe(0);
      });

      it('of a paid charge answers that it was paid', async () => {
        const charge = request();
        await harness.pay(await started(charge));
        const status = await harness.provider.cancelCharge(call(), charge);
        expect(status).toMatchObject({ kind: 'succeeded', charge: { amountMinor: String(charge.amount) } });
        expect(harness.charges(charge.reference)).toBe(1);
      });
    });

    describe('one reference', () => {
      it('is one order and one charge, however often and however fast it is started', async () => {
        const charge = request();
        const outcomes = await Promise.all(
          Array.from({ length: 5 }, () => harness.provider.startCharge(call(), charge)),
        );
        const begun = outcomes.filter(({ kind }) => kind === 'action');
        // Where a repeat is no repeat to the provider, only one of them can have begun it; of the others nobody knows.
        const isRepeatable = harness.provider.capabilities.idempotentCreate;
        expect(begun).toHaveLength(isRepeatable ? 5 : 1);
        expect(outcomes.filter(({ kind }) => kind === 'unknown')).toHaveLength(isRepeatable ? 0 : 4);
        const actions = begun.map(actionOf);
        expect(new Set(actions.map((action) => JSON.stringify(action))).size).toBe(1);
        await harness.pay(actions[0]!);
        expect(harness.orders()).toBe(1);
        expect(harness.charges(charge.reference)).toBe(1);
      });

      it('that is started again after it was paid answers that it was paid, or not at all', async () => {
        const charge = request();
        await harness.pay(await started(charge));
        const again = await harness.provider.startCharge(call(), charge);
        if (!harness.provider.capabilities.idempotentCreate) expect(again.kind).toBe('unknown');
        else if (harness.open) await expect(harness.open(actionOf(again))).rejects.toThrow('is used already');
        else expect(again).toMatchObject({ kind: 'succeeded' });
        expect(harness.charges(charge.reference)).toBe(1);
      });

      it('with another amount is never passed off as the first one', async () => {
        const charge = request();
        await started(charge);
        const other = await harness.provider.startCharge(call(), { ...charge, amount: charge.amount + 1n });
        if (harness.open) await expect(harness.open(actionOf(other))).rejects.toThrow('is used already');
        else expect(other.kind).toBe('unknown');
        expect(harness.orders()).toBe(1);
      });
    });

    describe('an answer that cannot be trusted', () => {
      const afterCommit: Breakage[] = [
        'timeout_after_commit',
        'drop_after_commit',
        'error_after_commit',
        'unknown_status',
        'garbage_answer',
        'huge_answer',
        'endless_answer',
      ];
      it.each(afterCommit)('%s is unknown, and a query finds the order', async (breakage) => {
        if (harness.open) return;
        const charge = request();
        harness.breakNextCall(breakage);
        const begun = Date.now();
        const outcome = await harness.provider.startCharge(call(1_000), charge);
        expect(outcome).toMatchObject({ kind: 'unknown' });
        expect(Date.now() - begun).toBeLessThan(10_000);
        // Who was not waited for may be making it only now.
        for (const until = Date.now() + 2_000; harness.orders() === 0 && Date.now() < until;) await sleep(20);
        expect(await query(charge)).toMatchObject({ kind: 'open' });
        expect(harness.orders()).toBe(1);
      });

      it('a time-out before anything was done is unknown too, and a query finds nothing', async () => {
        if (harness.open) return;
        const charge = request();
        harness.breakNextCall('timeout_before_commit');
        expect(await harness.provider.startCharge(call(1_000), charge)).toMatchObject({ kind: 'unknown' });
        expect(await query(charge)).toEqual({ kind: 'not_found' });
      });

      it('a query that times out is unknown, not "not found"', async () => {
        const charge = request();
        await started(charge);
        harness.breakNextCall('timeout_after_commit');
        const status = await harness.provider.queryCharge(call(1_000), charge);
        expect(status).toMatchObject({ kind: 'unknown', error: { code: 'timeout' } });
      });

      it('a query that answers with a status nobody knows is unknown, not "open"', async () => {
        const charge = request();
        const outcome = await harness.provider.startCharge(call(), charge);
        await harness.open?.(actionOf(outcome));
        harness.breakNextCall('unknown_status');
        const status = await harness.provider.queryCharge(call(), {
          reference: charge.reference,
          currency: charge.currency,
          providerRef: outcome.kind === 'action' ? outcome.providerRef : undefined,
        });
        expect(status).toMatchObject({ kind: 'unknown' });
        expect(await query(charge)).toMatchObject({ kind: 'open' });
      });

      it('a cancellation that got no answer is unknown', async () => {
        const charge = request();
        await started(charge);
        harness.breakNextCall('drop_after_commit');
        expect(await harness.provider.cancelCharge(call(), charge)).toMatchObject({ kind: 'unknown' });
      });
    });

    describe('certain failures', () => {
      it('not processed by the provider’s own word: unavailable, nothing ordered', async () => {
        if (harness.open) return;
        const charge = request();
        harness.breakNextCall('not_processed');
        expect(await harness.provider.startCharge(call(), charge)).toMatchObject({ kind: 'unavailable' });
        expect(harness.orders()).toBe(0);
      });

      it('nobody listens: unavailable', async () => {
        if (harness.open) return;
        const config = { ...harness.config, baseUrl: 'http://127.0.0.1:1' };
        const outcome = await harness.provider.startCharge({ ...call(), config }, request());
        expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'connection_refused' } });
      });

      it('missing credentials: unavailable, and the message names none of them', async () => {
        const config = { ...harness.config, credentials: {} };
        const outcome = await harness.provider.startCharge({ ...call(), config }, request());
        expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'channel_misconfigured' } });
      });

      it('wrong credentials: unavailable, and no secret is in the answer', async () => {
        if (harness.open) return;
        const credentials = Object.fromEntries(
          Object.keys(harness.config.credentials).map((key) => [key, 'wrong-secret-of-ours']),
        );
        const config = { ...harness.config, credentials };
        const outcome = await harness.provider.startCharge({ ...call(), config }, request());
        expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'channel_misconfigured' } });
        expect(JSON.stringify(outcome)).not.toContain('wrong-secret-of-ours');
        expect(harness.orders()).toBe(0);
      });
    });

    describe('a webhook', () => {
      const verify = (webhook: RawWebhook, config = harness.config): WebhookVerdict =>
        harness.webhook.verify(config, webhook);

      it('of a payment says the same as a query', async () => {
        const { charge, webhook } = await paid();
        const verdict = verify(webhook);
        expect(verdict).toMatchObject({ kind: 'verified', event: { reference: charge.reference } });
        expect(chargeEventOf(verdict).status).toEqual(await query(charge));
        expect(Date.parse(eventOf(verdict).occurredAt)).toBeGreaterThan(Date.now() - 60_000);
      });

      it('of a decline says that it was declined', async () => {
        const charge = request();
        await harness.decline(await started(charge));
        const [webhook] = await harness.webhooks(1);
        // A webhook may know the bank's reason, where a query only knows that there was one.
        expect(chargeEventOf(verify(webhook!)).status.kind).toBe('declined');
        expect((await query(charge)).kind).toBe('declined');
      });

      it('replayed keeps its event id, by which the inbox refuses it', async () => {
        const { webhook } = await paid();
        expect(eventOf(verify(webhook)).eventId).toBe(eventOf(verify(webhook)).eventId);
        expect(eventOf(verify(webhook)).eventId).toMatch(/./);
      });

      it('of two payments has two event ids', async () => {
        const first = eventOf(verify((await paid()).webhook)).eventId;
        const charge = request();
        await harness.pay(await started(charge));
        const second = (await harness.webhooks(2))[1]!;
        expect(eventOf(verify(second)).eventId).not.toBe(first);
      });

      it('changed by one byte is forged', async () => {
        const { webhook } = await paid();
        const body = Buffer.from(webhook.body);
        body[body.length - 2] = body[body.length - 2]! ^ 1;
        expect(verify({ ...webhook, body }).kind).toBe('forged');
      });

      it('without a signature, or signed with a secret of somebody’s own, is forged', async () => {
        const { webhook } = await paid();
        const bare = harness.unsigned?.(webhook) ?? { ...webhook, headers: {} };
        expect(verify(bare).kind).toBe('forged');
        expect(verify(harness.signed(webhook, 'guessed', new Date())).kind).toBe('forged');
        expect(verify(harness.signed(webhook, '', new Date())).kind).toBe('forged');
      });

      it('is forged when no secret is configured', async () => {
        const { webhook } = await paid();
        const config = { ...harness.config, credentials: {} };
        expect(verify(harness.signed(webhook, '', new Date()), config).kind).toBe('forged');
        expect(verify(webhook, config).kind).toBe('forged');
      });

      it('signed long ago, or far ahead, is stale', async () => {
        const { webhook } = await paid();
        const { behindMs, aheadMs } = harness.webhookAge ?? { behindMs: 300_000, aheadMs: 300_000 };
        for (const ms of [-behindMs - 60_000, aheadMs + 60_000]) {
          const at = new Date(Date.now() + ms);
          expect(verify(harness.signed(webhook, harness.webhookSecret, at)).kind).toBe('stale');
        }
        const recent = new Date(Date.now() - behindMs + 60_000);
        expect(verify(harness.signed(webhook, harness.webhookSecret, recent)).kind).toBe('verified');
      });

      it('is taken under the old and the new secret while they change', async () => {
        const { webhook } = await paid();
        const config = harness.rotated(harness.config, 'the-new-secret');
        expect(verify(webhook, config).kind).toBe('verified');
        expect(verify(harness.signed(webhook, 'the-new-secret', new Date()), config).kind).toBe('verified');
        expect(verify(harness.signed(webhook, 'another', new Date()), config).kind).toBe('forged');
      });

      it('that is signed but does not read is malformed, whatever is in it', async () => {
        const { webhook } = await paid();
        for (const text of [
          '',
          'null',
          '[]',
          '{',
          '{"id":1}',
          `{"id":"${'x'.repeat(300)}"}`,
          '\u0000\uffff',
        ]) {
          const odd = { ...webhook, body: Buffer.from(text) };
          expect(verify(harness.signed(odd, harness.webhookSecret, new Date())).kind).toBe('malformed');
        }
      });
    });

    refundContract(() => harness, tools);
    captureContract(() => harness, tools);
    disputeContract(() => harness, tools);
    customerContract(() => harness, tools);
  });
}

function chargeEventOf(verdict: WebhookVerdict) {
  const event = eventOf(verdict);
  if (event.about !== 'charge') throw new Error(`expected news of a charge, got ${event.about}`);
  return event;
}
