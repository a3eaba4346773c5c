import type { CustomerVault } from '../../../integrations/channels/customer-vault';
import type { ChargeRequest } from '../../../integrations/channels/payment-provider';
import type { ChannelHarness } from './contract';
import { actionOf, type ContractTools } from './contract-tools';

/** Customers whom the channel keeps, and charges to what they left there. */
export function customerContract(harness: () => ChannelHarness, tools: ContractTools): void {
  describe('a kept customer', () => {
    const vault = (): CustomerVault | undefined => harness().provider.vault;
    const profile = { name: 'Ms Lin', email: 'lin@example.com' };

    async function made(reference = 'cus_1'): Promise<string> {
      const answer = await vault()!.createCustomer(tools.call(), { reference, ...profile });
      if (answer.kind !== 'ok') throw new Error(`not made: ${JSON.stringify(answer)}`);
      return answer.value.customerRef;
    }

    /** They pay once, and what they pay with is kept. */
    async function withMethod(): Promise<{ customerRef: string; methodRef: string }> {
      const customerRef = await made();
      const charge = tools.request({ customer: { customerRef } });
      await harness().pay(actionOf(await harness().provider.startCharge(tools.call(), charge)));
      const listed = await vault()!.listMethods(tools.call(), customerRef);
      if (listed.kind !== 'ok' || listed.value.length !== 1) throw new Error(JSON.stringify(listed));
      return { customerRef, methodRef: listed.value[0]!.methodRef };
    }

    const start = (request: ChargeRequest) => harness().provider.startCharge(tools.call(), request);

    it('is one for one reference, also when the first answer was lost, and is as they were made', async () => {
      if (vault() === undefined) return;
      harness().breakNextCall('drop_after_commit');
      const lost = await vault()!.createCustomer(tools.call(), { reference: 'cus_1', ...profile });
      expect(lost).toMatchObject({ kind: 'unavailable' });
      const customerRef = await made();
      expect(await made()).toBe(customerRef);
      expect(await made('cus_2')).not.toBe(customerRef);
      const read = await vault()!.readCustomer(tools.call(), customerRef);
      expect(read).toEqual({ kind: 'ok', value: { customerRef, profile } });
      expect(await vault()!.readCustomer(tools.call(), 'cus_none')).toEqual({ kind: 'not_found' });
    });

    it('has no methods before one was kept, and those of a payment that said so', async () => {
      if (vault() === undefined) return;
      const customerRef = await made();
      expect(await vault()!.listMethods(tools.call(), customerRef)).toEqual({ kind: 'ok', value: [] });
      expect(await vault()!.listMethods(tools.call(), 'cus_none')).toEqual({ kind: 'not_found' });
      const { methodRef } = await withMethod();
      expect(await vault()!.listMethods(tools.call(), customerRef)).toEqual({
        kind: 'ok',
        value: [
          {
            ...{ methodRef, kind: 'card' },
            brand: expect.stringMatching(/./) as string,
            last4: expect.stringMatching(/^[0-9]{4}$/) as string,
            expiresYear: expect.any(Number) as number,
            expiresMonth: expect.any(Number) as number,
          },
        ],
      });
    });

    it('is charged by token while nobody is there, once for one reference', async () => {
      if (vault() === undefined) return;
      const customer = await withMethod();
      const charge = tools.request({ customer });
      const succeeded = {
        kind: 'succeeded',
        charge: { amountMinor: String(charge.amount), currency: charge.currency },
      };
      expect(await start(charge)).toMatchObject(succeeded);
      expect(await start(charge)).toMatchObject(succeeded);
      expect(await tools.query(charge)).toMatchObject(succeeded);
      expect(harness().charges(charge.reference)).toBe(1);
    });

    it('is charged once where the answer was lost, which is unknown until it is asked for', async () => {
      if (vault() === undefined) return;
      const customer = await withMethod();
      const charge = tools.request({ customer });
      harness().breakNextCall('timeout_after_commit');
      const lost = await harness().provider.startCharge(tools.call(300), charge);
      expect(lost).toMatchObject({ kind: 'unknown' });
      expect(await tools.query(charge)).toMatchObject({ kind: 'succeeded' });
      expect(await start(charge)).toMatchObject({ kind: 'succeeded' });
      expect(harness().charges(charge.reference)).toBe(1);
    });

    it('may be reserved on, by token as well', async () => {
      if (vault() === undefined || harness().provider.capabilities.manualCapture === 'none') return;
      const customer = await withMethod();
      const charge = tools.request({ customer, capture: 'manual' });
      expect(await start(charge)).toMatchObject({ kind: 'authorized' });
      expect(harness().charges(charge.reference)).toBe(0);
    });

    it('can not be charged by a method that was detached, or that is another’s', async () => {
      if (vault() === undefined) return;
      const { customerRef, methodRef } = await withMethod();
      const other = await made('cus_2');
      const foreign = tools.request({ customer: { customerRef: other, methodRef } });
      expect(await start(foreign)).toMatchObject({ kind: 'declined', error: { code: 'saved_method_gone' } });
      const detached = await vault()!.detachMethod(tools.call(), methodRef);
      expect(detached).toEqual({ kind: 'ok', value: undefined });
      expect(await vault()!.detachMethod(tools.call(), methodRef)).toEqual({ kind: 'not_found' });
      expect(await vault()!.listMethods(tools.call(), customerRef)).toEqual({ kind: 'ok', value: [] });
      const late = tools.request({ customer: { customerRef, methodRef } });
      expect(await start(late)).toMatchObject({ kind: 'declined', error: { code: 'saved_method_gone' } });
      expect([foreign, late].map(({ reference }) => harness().charges(reference))).toEqual([0, 0]);
    });
  });
}
