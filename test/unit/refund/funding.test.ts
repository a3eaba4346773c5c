import fc from '../../support/properties';
import { convertAt, ratiosOf } from '../../../domain/exchange/conversion';
import type { ChannelFees } from '../../../domain/fees/contracts';
import { chargeFees } from '../../../domain/fees/payment-fees';
import { fundDispute, fundRefund, type FundedPayment, type TakenBack } from '../../../domain/refund/funding';

const untouched: TakenBack = {
  ...{ refunded: 0n, fee: 0n, merchant: 0n, target: 0n, worth: 0n },
  hasFeeToCome: false,
};
const feesOf = (refundable: 'none' | 'percentage' | 'all'): ChannelFees => ({
  payment: { planId: 'f', version: 1, percent: '2.9', fixed: '30', refundable },
});
const conversion = {
  ...ratiosOf({ numerator: 63n, denominator: 2n }, { source: 'USD', target: 'TWD', spreadPercent: '1' }),
  ...{ quoteId: 'q', settleCurrency: 'TWD', spreadPercent: '1', source: 'manual', observedAt: '' },
};
const payment = (over: Partial<FundedPayment> = {}): FundedPayment => ({
  ...{ captured: 10_000n, charges: [10_000n], taken: untouched },
  ...over,
});

test('without a plan and without an exchange the merchant pays it all', () => {
  expect(fundRefund(payment(), 4_000n)).toEqual({
    ...{ fee: 0n, merchant: 4_000n, cost: 4_000n },
    exchange: undefined,
  });
});

test('what the plan gives back of the fee is ours to pay', () => {
  expect(fundRefund(payment({ fees: feesOf('all') }), 10_000n)).toMatchObject({ fee: 320n, cost: 9_680n });
  expect(fundRefund(payment({ fees: feesOf('percentage') }), 10_000n)).toMatchObject({
    fee: 290n,
    cost: 9_710n,
  });
  expect(fundRefund(payment({ fees: feesOf('none') }), 10_000n)).toMatchObject({ fee: 0n, cost: 10_000n });
});

test('a dispute is the merchant’s, fee and all', () => {
  expect(fundDispute(payment({ fees: feesOf('all') }), 10_000n)).toMatchObject({ fee: 0n, cost: 10_000n });
});

test('a fee that is still to be given back by a refund of before is not given back twice', () => {
  const taken = { ...untouched, refunded: 4_000n, merchant: 4_000n, hasFeeToCome: true };
  expect(fundRefund(payment({ fees: feesOf('percentage'), taken }), 6_000n).fee).toBe(290n - 116n);
});

test('a full refund of an exchanged payment takes exactly what the exchange gave', () => {
  const whole = convertAt(conversion, 9_680n);
  expect(fundRefund(payment({ fees: feesOf('all'), conversion }), 10_000n)).toEqual({
    ...{ fee: 320n, merchant: 9_680n, cost: whole.target },
    exchange: { source: 9_680n, ...whole },
  });
});

test('of a charge that was all fee nothing was exchanged: the rate says what it costs', () => {
  const fees: ChannelFees = {
    payment: { planId: 'f', version: 1, percent: '0', fixed: '900', refundable: 'none' },
  };
  const tiny = payment({ captured: 500n, charges: [500n], fees, conversion });
  expect(fundRefund(tiny, 500n)).toMatchObject({ fee: 0n, exchange: { source: 500n, target: 155n } });
});

describe('in parts, some of which fail', () => {
  const parts = fc.array(fc.tuple(fc.bigInt({ min: 1n, max: 4_000n }), fc.boolean()), { maxLength: 40 });
  const refundables = fc.constantFrom('none' as const, 'percentage' as const, 'all' as const);
  const charges = fc.array(fc.bigInt({ min: 1n, max: 6_000n }), { minLength: 1, maxLength: 4 });

  test('they sum to what one full refund gives and takes', () => {
    fc.assert(
      fc.property(parts, refundables, charges, fc.boolean(), (wanted, refundable, captures, isExchanged) => {
        const fees = feesOf(refundable);
        const captured = captures.reduce((sum, one) => sum + one, 0n);
        const of = payment({
          captured,
          charges: captures,
          fees,
          conversion: isExchanged ? conversion : undefined,
        });
        const full = fundRefund(of, captured);
        let taken = untouched;
        const takeUp = (amount: bigint) => {
          const { fee, merchant, exchange } = fundRefund({ ...of, taken }, amount);
          expect(fee + merchant).toBe(amount);
          expect([fee >= 0n, merchant >= 0n, (exchange?.target ?? 0n) >= 0n]).toEqual([true, true, true]);
          taken = {
            ...taken,
            refunded: taken.refunded + amount,
            fee: taken.fee + fee,
            merchant: taken.merchant + merchant,
            target: taken.target + (exchange?.target ?? 0n),
            worth: taken.worth + (exchange?.worth ?? 0n),
          };
        };
        for (const [amount, hasFailed] of wanted) {
          if (taken.refunded + amount > captured) continue;
          const before = taken;
          takeUp(amount);
          if (hasFailed) taken = before;
        }
        if (captured > taken.refunded) takeUp(captured - taken.refunded);
        expect(taken).toMatchObject({ fee: full.fee, merchant: full.merchant });
        expect([taken.target, taken.worth]).toEqual([
          full.exchange?.target ?? 0n,
          full.exchange?.worth ?? 0n,
        ]);
        const net = captures.reduce((sum, one) => sum + one - chargeFees(fees, one).fee, 0n);
        if (refundable === 'all') expect(full.merchant).toBe(net);
      }),
    );
  });
});
