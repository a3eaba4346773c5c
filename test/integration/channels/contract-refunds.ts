import type { ChargeRequest, RefundRequest } from '../../../integrations/channels/payment-provider';
import type { ChannelHarness } from './contract';
import type { ContractTools } from './contract-tools';

/** Money given back: once for one reference, never more than was paid, and never lost from sight. */
export function refundContract(harness: () => ChannelHarness, tools: ContractTools): void {
  describe('a refund', () => {
    let made = 0;

    async function refundable(): Promise<{ charge: ChargeRequest; providerRef: string }> {
      const charge = await tools.paid();
      const status = await tools.query(charge);
      if (status.kind !== 'succeeded') throw new Error(`not paid but ${status.kind}`);
      return { charge, providerRef: status.charge.providerRef };
    }

    function refund(
      { charge, providerRef }: { charge: ChargeRequest; providerRef: string },
      amount = charge.amount,
      refundedBefore = 0n,
    ): RefundRequest {
      made += 1;
      return {
        chargeReference: charge.reference,
        providerRef,
        reference: `ref_${String(made).padStart(32, '0')}`,
        amount,
        currency: charge.currency,
        reason: 'one tin was missing',
        refundedBefore,
      };
    }

    const ask = (request: RefundRequest, timeoutMs?: number) =>
      harness().provider.refundCharge!(tools.call(timeoutMs), request);
    const query = (request: RefundRequest) => harness().provider.queryRefund!(tools.call(), request);
    const book = ({ chargeReference, reference }: RefundRequest) =>
      harness().refunded(chargeReference, reference);
    const has = () => harness().provider.capabilities.refund !== 'none';

    /** By its own answer or, where the channel takes its time, by the webhook. */
    async function settled(request: RefundRequest) {
      const outcome = await ask(request);
      if (outcome.kind !== 'pending') return outcome;
      return (await tools.news('refund', ({ reference }) => reference === request.reference)).status;
    }

    it('gives back the whole amount, and a query says the same', async () => {
      if (!has()) return;
      const request = refund(await refundable());
      const status = await settled(request);
      expect(status).toMatchObject({
        kind: 'succeeded',
        refund: { amountMinor: String(request.amount), currency: request.currency },
      });
      expect(await query(request)).toEqual(status);
      expect(book(request)).toEqual({ amount: request.amount, effects: 1 });
    });

    it('in parts ends when all is given back', async () => {
      if (harness().provider.capabilities.refund !== 'partial') return;
      const paid = await refundable();
      const part = paid.charge.amount / 4n;
      const first = refund(paid, part);
      const second = refund(paid, paid.charge.amount - part, part);
      expect(await settled(first)).toMatchObject({
        kind: 'succeeded',
        refund: { amountMinor: String(part) },
      });
      expect(await settled(second)).toMatchObject({ kind: 'succeeded' });
      const tooMuch = refund(paid, 1n, paid.charge.amount);
      expect(await settled(tooMuch)).toMatchObject({
        kind: 'declined',
        error: { code: expect.stringMatching(/^[a-z_]+$/) as string },
      });
      expect(book(tooMuch)?.effects ?? 0).toBe(0);
    });

    it('of more than was paid, or of what was not paid, is declined', async () => {
      if (!has()) return;
      const paid = await refundable();
      expect(await settled(refund(paid, paid.charge.amount + 1n))).toMatchObject({ kind: 'declined' });
      const open = tools.request();
      await tools.started(open);
      const early = refund({ charge: open, providerRef: 'none' });
      expect(await settled(early)).toMatchObject({ kind: 'declined' });
      expect(book(early)?.effects ?? 0).toBe(0);
    });

    it('that takes its time is pending, until a webhook and a query say that it succeeded', async () => {
      if (!has() || harness().refundsAtOnce) return;
      const request = refund(await refundable());
      harness().nextRefund({ isPending: true });
      expect(await ask(request)).toMatchObject({ kind: 'pending' });
      const event = await tools.news('refund', ({ reference }) => reference === request.reference);
      expect(event.status).toMatchObject({
        kind: 'succeeded',
        refund: { amountMinor: String(request.amount), currency: request.currency },
      });
      // What is refunded by hand has no reference of ours: only its charge tells whose it was.
      expect([request.chargeReference, request.providerRef]).toContain(
        event.chargeReference ?? event.chargeRef,
      );
      expect(await query(request)).toEqual(event.status);
      expect(book(request)).toEqual({ amount: request.amount, effects: 1 });
    });

    it('that comes to nothing is declined with a code of ours and the raw one, also later', async () => {
      if (!has() || harness().refundsAtOnce) return;
      const declined = {
        kind: 'declined',
        error: {
          code: expect.stringMatching(/^[a-z_]+$/) as string,
          rawCode: expect.any(String) as string,
        },
      };
      const request = refund(await refundable());
      harness().nextRefund({ fails: true, isPending: true });
      expect(await ask(request)).toMatchObject({ kind: 'pending' });
      const event = await tools.news('refund', ({ reference }) => reference === request.reference);
      expect(event.status).toMatchObject(declined);
      expect(await query(request)).toMatchObject(declined);
      expect(book(request)?.effects).toBe(0);
    });

    it('asked for again, and five times at once, is made once', async () => {
      if (!has()) return;
      const request = refund(await refundable());
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => ask(request)));
      for (const { kind } of outcomes) expect(['succeeded', 'pending', 'unknown']).toContain(kind);
      await expectSettled(request);
      expect(['succeeded', 'pending', 'unknown']).toContain((await ask(request)).kind);
      expect(book(request)).toEqual({ amount: request.amount, effects: 1 });
    });

    it('under one reference with another amount is not passed off as the first one', async () => {
      if (harness().provider.capabilities.refund !== 'partial') return;
      const paid = await refundable();
      const first = refund(paid, paid.charge.amount / 4n);
      await settled(first);
      const other = await ask({ ...first, amount: paid.charge.amount / 2n });
      expect(other.kind).toBe('unknown');
      expect(book(first)).toEqual({ amount: first.amount, effects: 1 });
    });

    it.each(['timeout_after_commit', 'drop_after_commit', 'error_after_commit', 'garbage_answer'] as const)(
      '%s is unknown; a query finds it and a repeat makes no second one',
      async (breakage) => {
        if (!has()) return;
        const request = refund(await refundable());
        harness().breakNextCall(breakage, 'refund');
        expect(await ask(request, 400)).toMatchObject({ kind: 'unknown' });
        await expectSettled(request);
        expect(['succeeded', 'pending', 'unknown']).toContain((await ask(request)).kind);
        expect(book(request)).toEqual({ amount: request.amount, effects: 1 });
      },
    );

    it('whose status nobody knows is unknown, and settles by what a query says', async () => {
      if (!has()) return;
      const request = refund(await refundable());
      harness().breakNextCall('unknown_status', 'refund');
      const outcome = await ask(request);
      // A provider whose answer to a refund carries no status of it can not say one that nobody knows.
      expect(['unknown', 'succeeded', 'pending']).toContain(outcome.kind);
      await expectSettled(request);
      expect(book(request)).toEqual({ amount: request.amount, effects: 1 });
    });

    it('that never arrived is not found, and may be asked for again', async () => {
      if (!has()) return;
      const request = refund(await refundable());
      harness().breakNextCall('timeout_before_commit', 'refund');
      expect(await ask(request, 300)).toMatchObject({ kind: 'unknown' });
      expect(await query(request)).toEqual({ kind: 'not_found' });
      expect(await settled(request)).toMatchObject({ kind: 'succeeded' });
    });

    it('is unavailable when the provider swears that nothing was done', async () => {
      if (!has()) return;
      const request = refund(await refundable());
      harness().breakNextCall('not_processed', 'refund');
      expect(await ask(request)).toMatchObject({ kind: 'unavailable' });
      expect(book(request)).toBeUndefined();
    });

    it('whose query times out is unknown, not "not found"', async () => {
      if (!has()) return;
      const request = refund(await refundable());
      await settled(request);
      harness().breakNextCall('drop_after_commit');
      expect(await query(request)).toMatchObject({ kind: 'unknown' });
    });

    async function expectSettled(request: RefundRequest): Promise<void> {
      for (let tries = 0; tries < 50; tries += 1) {
        const status = await query(request);
        if (status.kind === 'succeeded') return;
        expect(status.kind).toBe('pending');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('the refund never ended');
    }
  });
}
