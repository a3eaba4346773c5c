import type { ChannelHarness } from './contract';
import type { ContractTools } from './contract-tools';

/** A customer's bank takes the payment into question. */
export function disputeContract(harness: () => ChannelHarness, tools: ContractTools): void {
  describe('a dispute', () => {
    it.each(['won', 'lost'] as const)(
      'is told when it is opened and when it is %s, under one number',
      async (end) => {
        const disputes = harness().disputes;
        if (disputes === undefined) return;
        const charge = await tools.paid();
        const status = await tools.query(charge);
        const chargeRef = status.kind === 'succeeded' ? status.charge.providerRef : undefined;
        const providerRef = await disputes.open(charge.reference);
        const opened = await tools.news('dispute', ({ dispute }) => dispute.providerRef === providerRef);
        // By our own number where the provider says it, or else by its number of the charge.
        expect(opened.reference ?? opened.chargeRef).toBe(
          opened.reference === undefined ? chargeRef : charge.reference,
        );
        expect(opened.dispute).toEqual({
          providerRef,
          state: 'opened',
          amountMinor: String(charge.amount),
          currency: charge.currency,
          reasonCode: expect.stringMatching(/./) as string,
          evidenceDueAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
        });
        await disputes.end(providerRef, end);
        const ended = await tools.news('dispute', ({ dispute }) => dispute.state === end);
        const { reference, chargeRef: endedRef } = ended;
        expect([reference, endedRef]).toEqual([opened.reference, opened.chargeRef]);
        expect(ended.dispute.providerRef).toBe(providerRef);
        expect(ended.eventId).not.toBe(opened.eventId);
      },
    );

    it('takes evidence once for one reference, and none after its end', async () => {
      const { disputes, provider } = harness();
      if (disputes === undefined || provider.submitEvidence === undefined) return;
      const charge = await tools.paid();
      const disputeRef = await disputes.open(charge.reference);
      const evidence = {
        chargeReference: charge.reference,
        disputeRef,
        reference: 'evd_1',
        text: 'Signed for by the customer.',
        documents: [{ name: 'receipt.txt', contentType: 'text/plain', contentBase64: 'c2lnbmVk' }],
      };
      harness().breakNextCall('drop_after_commit');
      expect(await provider.submitEvidence(tools.call(), evidence)).toMatchObject({ kind: 'unknown' });
      expect(await provider.submitEvidence(tools.call(), evidence)).toEqual({ kind: 'accepted' });
      expect(disputes.evidence(charge.reference)).toBe(1);
      await disputes.end(disputeRef, 'lost');
      const late = await provider.submitEvidence(tools.call(), { ...evidence, reference: 'evd_2' });
      expect(late).toMatchObject({ kind: 'declined' });
      expect(disputes.evidence(charge.reference)).toBe(1);
    });
  });
}
