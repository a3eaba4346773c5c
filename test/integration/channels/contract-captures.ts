import type { CaptureRequest, ChargeRequest } from '../../../integrations/channels/payment-provider';
import type { ChannelHarness } from './contract';
import type { ContractTools } from './contract-tools';

/** Money reserved first and taken later: once for one reference, never more than was reserved. */
export function captureContract(harness: () => ChannelHarness, tools: ContractTools): void {
  describe('a reserved charge', () => {
    let made = 0;

    const manual = () => harness().provider.capabilities.manualCapture;
    const providerRefs = new Map<string, string>();

    async function reserved(): Promise<ChargeRequest> {
      const charge = await tools.paid({ capture: 'manual' });
      const status = await tools.query(charge);
      if (status.kind !== 'authorized') throw new Error(`not reserved but ${status.kind}`);
      providerRefs.set(charge.reference, status.charge.providerRef);
      return charge;
    }

    function capture(charge: ChargeRequest, changes: Partial<CaptureRequest> = {}): CaptureRequest {
      made += 1;
      return {
        chargeReference: charge.reference,
        providerRef: providerRefs.get(charge.reference),
        reference: `${charge.reference}-c${made}`,
        amount: charge.amount,
        currency: charge.currency,
        isFinal: true,
        ...changes,
      };
    }

    const take = (request: CaptureRequest, timeoutMs?: number) =>
      harness().provider.captureCharge!(tools.call(timeoutMs), request);
    const book = ({ chargeReference, reference }: CaptureRequest) =>
      harness().captured(chargeReference, reference);

    it('is authorized when the customer agrees, by query and by webhook, and nothing is taken', async () => {
      if (manual() === 'none') return;
      const charge = await reserved();
      const authorized = {
        kind: 'authorized',
        charge: { amountMinor: String(charge.amount), currency: charge.currency },
      };
      expect(await tools.query(charge)).toMatchObject(authorized);
      const event = await tools.news('charge', ({ reference }) => reference === charge.reference);
      expect(event.status).toMatchObject(authorized);
      expect(harness().charges(charge.reference)).toBe(0);
    });

    it('captured in full has succeeded', async () => {
      if (manual() === 'none') return;
      const charge = await reserved();
      const request = capture(charge);
      expect(await take(request)).toMatchObject({
        kind: 'succeeded',
        captured: { amountMinor: String(charge.amount), currency: charge.currency },
      });
      expect(await tools.query(charge)).toMatchObject({
        kind: 'succeeded',
        charge: { amountMinor: String(charge.amount) },
      });
      expect(book(request)).toEqual({ amount: charge.amount, effects: 1 });
      expect(harness().charges(charge.reference)).toBe(1);
    });

    it('captured in part by a final capture has succeeded for that part', async () => {
      if (manual() !== 'partial') return;
      const charge = await reserved();
      const part = charge.amount / 4n;
      expect(await take(capture(charge, { amount: part }))).toMatchObject({ kind: 'succeeded' });
      expect(await tools.query(charge)).toMatchObject({
        kind: 'succeeded',
        charge: { amountMinor: String(part) },
      });
      expect(await take(capture(charge, { amount: part }))).toMatchObject({ kind: 'declined' });
    });

    it('captured beyond what is reserved is declined', async () => {
      if (manual() === 'none') return;
      const charge = await reserved();
      const request = capture(charge, { amount: charge.amount + 1n });
      expect(await take(request)).toMatchObject({ kind: 'declined' });
      expect(book(request)).toBeUndefined();
    });

    it('captured again under one reference, and five times at once, is captured once', async () => {
      if (manual() === 'none') return;
      const charge = await reserved();
      const request = capture(charge);
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => take(request)));
      expect(outcomes.map(({ kind }) => kind)).toContain('succeeded');
      for (const { kind } of outcomes) expect(['succeeded', 'unknown']).toContain(kind);
      expect(await take(request)).toMatchObject({ kind: 'succeeded' });
      expect(book(request)).toEqual({ amount: charge.amount, effects: 1 });
    });

    it.each(['timeout_after_commit', 'drop_after_commit', 'error_after_commit', 'unknown_status'] as const)(
      '%s of a capture is unknown or looked into, and a repeat finds that it was made',
      async (breakage) => {
        if (manual() === 'none') return;
        const charge = await reserved();
        const request = capture(charge);
        harness().breakNextCall(breakage, 'capture');
        expect(['unknown', 'succeeded']).toContain((await take(request, 400)).kind);
        expect(await take(request)).toMatchObject({ kind: 'succeeded' });
        expect(book(request)).toEqual({ amount: charge.amount, effects: 1 });
      },
    );

    it('is voided by a cancellation, and cannot be captured any more', async () => {
      if (manual() === 'none') return;
      const charge = await reserved();
      expect(await harness().provider.cancelCharge(tools.call(), charge)).toEqual({ kind: 'cancelled' });
      expect(await tools.query(charge)).toEqual({ kind: 'cancelled' });
      expect(await take(capture(charge))).toMatchObject({ kind: 'declined' });
      expect(harness().charges(charge.reference)).toBe(0);
    });

    it('that the customer has not agreed to cannot be captured', async () => {
      if (manual() === 'none') return;
      const charge = tools.request({ capture: 'manual' });
      await tools.started(charge);
      expect(await take(capture(charge))).toMatchObject({ kind: 'declined' });
    });
  });
}
