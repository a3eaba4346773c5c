import fc from '../../support/properties';
import { calculateFee, returnedFee } from '../../../domain/fees/calculate';
import { checkTerms } from '../../../domain/fees/check-terms';
import {
  chargedPlans,
  chargeFees,
  disputeFees,
  merchantFee,
  refundFees,
} from '../../../domain/fees/payment-fees';
import { choosePlan, pinFees, pinTerms } from '../../../domain/fees/pin';
import type { FeePlan, FeeScope, PinnedTerms } from '../../../domain/fees/terms';

const terms = (over: Partial<PinnedTerms> = {}): PinnedTerms => ({
  planId: 'plan',
  version: 1,
  percent: '2.9',
  fixed: '30',
  refundable: 'none',
  ...over,
});

describe('calculateFee', () => {
  test.each<[string, bigint, Partial<PinnedTerms>, bigint]>([
    ['percentage and fixed', 10_000n, {}, 320n],
    ['half a cent to the even one, down', 50n, { percent: '1', fixed: '0' }, 0n],
    ['half a cent to the even one, up', 150n, { percent: '1', fixed: '0' }, 2n],
    ['fixed alone', 10_000n, { percent: '0' }, 30n],
    ['below the minimum', 100n, { minimum: '50' }, 50n],
    ['above the maximum', 1_000_000n, { maximum: '500' }, 500n],
    ['nothing', 10_000n, { percent: '0', fixed: '0' }, 0n],
    ['a hair of a percent', 10n ** 20n, { percent: '0.000001', fixed: '0' }, 10n ** 12n],
  ])('%s', (_name, amount, over, fee) => {
    const calculated = calculateFee(terms(over), amount);
    expect(calculated.fee).toBe(fee);
    expect(calculated.steps.reduce((sum, step) => sum + step.amount, 0n)).toBe(fee);
  });

  test('shows how it came about', () => {
    expect(calculateFee(terms({ maximum: '300' }), 10_000n).steps).toEqual([
      { step: 'percentage', percent: '2.9', amount: 290n },
      { step: 'fixed', amount: 30n },
      { step: 'maximum', amount: -20n },
    ]);
  });

  test('a larger amount never costs less', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
    fc.assert(
      fc.property(amount, amount, fc.nat(10_000), fc.nat(500), (a, b, minimum, over) => {
        const bounds = { minimum: String(minimum), maximum: String(minimum + over) };
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(calculateFee(terms(bounds), low).fee <= calculateFee(terms(bounds), high).fee).toBe(true);
      }),
    );
  });
});

describe('returnedFee', () => {
  test.each([
    ['none', 0n],
    ['percentage', 116n],
    ['all', 128n],
  ] as const)('%s', (refundable, expected) => {
    const refund = { captured: 10_000n, fee: 320n, refundedBefore: 0n, refund: 4_000n };
    expect(returnedFee(terms({ refundable }), refund)).toBe(expected);
  });

  test('the parts of a payment refunded piece by piece sum to the whole, and none is negative', () => {
    const pieces = fc.array(fc.bigInt({ min: 1n, max: 10n ** 9n }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const captured = parts.reduce((sum, part) => sum + part, 0n);
        const plan = terms({ refundable: 'all' });
        const { fee } = calculateFee(plan, captured);
        let refundedBefore = 0n;
        let returned = 0n;
        for (const refund of parts) {
          const part = returnedFee(plan, { captured, fee, refundedBefore, refund });
          expect(part).toBeGreaterThanOrEqual(0n);
          returned += part;
          refundedBefore += refund;
        }
        expect(returned).toBe(fee);
      }),
    );
  });
});

const plan = (planId: string, scope: Partial<FeeScope> = {}, over: Partial<FeePlan> = {}): FeePlan => ({
  planId,
  version: 1,
  scope: { payer: 'merchant', transactionType: 'payment', currency: 'USD', ...scope },
  terms: { tiers: [{ fromVolume: '0', percent: '1', fixed: '0' }], refundable: 'none' },
  ...over,
});

describe('the plan that holds', () => {
  const wanted = {
    payer: 'merchant',
    transactionType: 'payment',
    currency: 'USD',
    merchantId: 'm',
    channelConfigId: 'c',
    method: 'card',
  } as const;
  const plans = [
    plan('default'),
    plan('method', { method: 'card' }),
    plan('channel', { channelConfigId: 'c' }),
    plan('merchant', { merchantId: 'm' }),
    plan('merchant and channel', { merchantId: 'm', channelConfigId: 'c' }),
    plan('other merchant', { merchantId: 'x', channelConfigId: 'c', method: 'card' }),
    plan('euros', { currency: 'EUR', merchantId: 'm', channelConfigId: 'c', method: 'card' }),
    plan('cost', { payer: 'platform', merchantId: 'm', channelConfigId: 'c', method: 'card' }),
  ];

  test.each([
    [8, 'merchant and channel'],
    [4, 'merchant'],
    [3, 'channel'],
    [2, 'method'],
    [1, 'default'],
    [0, undefined],
  ])('of the first %i is %s, in any order', (count, expected) => {
    expect(choosePlan(plans.slice(0, count), wanted)?.planId).toBe(expected);
    expect(choosePlan(plans.slice(0, count).reverse(), wanted)?.planId).toBe(expected);
  });

  test('without a method no plan of a method fits', () => {
    expect(choosePlan(plans.slice(0, 2), { ...wanted, method: undefined })?.planId).toBe('default');
  });
});

test('the tier is the one the volume has reached', () => {
  const tiered = plan(
    'tiers',
    {},
    {
      terms: {
        tiers: [
          { fromVolume: '0', percent: '3', fixed: '30' },
          { fromVolume: '100000', percent: '2', fixed: '20' },
          { fromVolume: '500000', percent: '1', fixed: '10' },
        ],
        refundable: 'all',
      },
    },
  );
  const percentAt = (volume: bigint) => pinTerms(tiered, volume).percent;
  expect([0n, 99_999n, 100_000n, 499_999n, 500_000n, 10n ** 20n].map(percentAt)).toEqual([
    '3',
    '3',
    '2',
    '2',
    '1',
    '1',
  ]);
});

test("what a channel charges us goes by that channel's volume, what the merchant pays by the merchant's", () => {
  const tiered: Partial<FeePlan> = {
    terms: {
      tiers: [
        { fromVolume: '0', percent: '2', fixed: '0' },
        { fromVolume: '1000', percent: '1', fixed: '0' },
      ],
      refundable: 'none',
    },
  };
  const pinned = pinFees([plan('ours', {}, tiered), plan('theirs', { payer: 'platform' }, tiered)], {
    ...{ merchantId: 'm', currency: 'USD', channelConfigIds: ['a', 'b'], monthVolume: 999n },
    channelVolume: (id) => (id === 'a' ? 1_000n : 0n),
  });
  expect(chargeFees(pinned.a, 10_000n)).toEqual({ fee: 200n, channelCost: 100n });
  expect(chargeFees(pinned.b, 10_000n)).toEqual({ fee: 200n, channelCost: 200n });
});

test('fees are pinned for each channel, survive JSON, and are computed from what was pinned', () => {
  const pinned = JSON.parse(
    JSON.stringify(
      pinFees(
        [
          plan('ours'),
          plan('theirs', { payer: 'platform', channelConfigId: 'b' }),
          plan(
            'refund',
            { transactionType: 'refund' },
            { terms: { tiers: [{ fromVolume: '0', percent: '0', fixed: '15' }], refundable: 'none' } },
          ),
        ],
        {
          merchantId: 'm',
          currency: 'USD',
          channelConfigIds: ['a', 'b'],
          monthVolume: 0n,
          channelVolume: () => 0n,
        },
      ),
    ),
  ) as ReturnType<typeof pinFees>;
  expect(chargeFees(pinned.a, 10_000n)).toEqual({ fee: 100n, channelCost: 0n });
  expect(chargeFees(pinned.b, 10_000n)).toEqual({ fee: 100n, channelCost: 100n });
  expect(chargeFees(pinned.c, 10_000n)).toEqual({ fee: 0n, channelCost: 0n });
  expect(chargeFees(undefined, 10_000n)).toEqual({ fee: 0n, channelCost: 0n });
  const refund = { captured: 10_000n, fee: 100n, refundedBefore: 0n, refund: 5_000n };
  expect(refundFees(pinned.a, refund)).toEqual({ feeReturned: 0n, fee: 15n, channelCost: 0n });
});

test('a payment never costs its merchant more than it is, each capture for itself', () => {
  const pinned = { payment: terms({ minimum: '500' }) };
  expect(chargeFees(pinned, 100n).fee).toBe(100n);
  expect(chargeFees(pinned, 10_000n).fee).toBe(500n);
  const { fee, steps } = merchantFee('payment', pinned.payment, 100n);
  expect(steps.at(-1)).toEqual({ step: 'capped_at_amount', amount: -400n });
  expect(steps.reduce((sum, step) => sum + step.amount, 0n)).toBe(fee);
});

test('an attempt costs what was pinned with it, or else what the payment pinned for its channel', () => {
  const [ofPayment, ofAttempt] = [{ payment: terms({ percent: '1' }) }, { payment: terms({ percent: '2' }) }];
  const payment = { currency: 'USD', fees: { a: ofPayment }, attemptFees: { 2: ofAttempt, 3: {} } };
  const pinned = (attemptNo: number, channelConfigId: string, currency = 'USD') =>
    chargedPlans(payment, { attemptNo, channelConfigId, currency });
  expect([pinned(1, 'a'), pinned(2, 'a'), pinned(3, 'b')]).toEqual([ofPayment, ofAttempt, {}]);
  expect([pinned(4, 'b'), pinned(1, 'a', 'TWD'), pinned(2, 'a', 'TWD')]).toEqual(Array(3).fill(undefined));
  expect(chargedPlans({ currency: 'USD' }, { attemptNo: 1, channelConfigId: 'a', currency: 'USD' })).toBe(
    undefined,
  );
});

test('a lost dispute costs what was pinned for the attempt that was charged, whatever was in dispute', () => {
  const pinned = {
    ...{ dispute: terms({ fixed: '2000' }), disputeCost: terms({ percent: '0', fixed: '1500' }) },
  };
  expect(disputeFees(pinned, 10_000n)).toEqual({ fee: 2_290n, channelCost: 1_500n });
  expect(disputeFees(pinned, 100n)).toEqual({ fee: 2_003n, channelCost: 1_500n });
  expect(disputeFees({}, 10_000n)).toEqual({ fee: 0n, channelCost: 0n });
  expect(disputeFees(undefined, 10_000n)).toEqual({ fee: 0n, channelCost: 0n });
});

describe('checkTerms', () => {
  test('reads amounts in their currency', () => {
    expect(
      checkTerms(
        {
          tiers: [{ percent: '2.9', fixed: '0.30' }, { fromVolume: '1000.00' }],
          minimum: '0.5',
          maximum: '9',
          refundable: 'all',
        },
        'USD',
      ),
    ).toEqual({
      ok: true,
      terms: {
        tiers: [
          { fromVolume: '0', percent: '2.9', fixed: '30' },
          { fromVolume: '100000', percent: '0', fixed: '0' },
        ],
        minimum: '50',
        maximum: '900',
        refundable: 'all',
      },
    });
  });

  test.each([
    [{ tiers: [] }, 'tiers'],
    [{ tiers: [{ fromVolume: '1' }] }, 'tiers.0.fromVolume'],
    [{ tiers: [{}, { fromVolume: '5' }, { fromVolume: '5' }] }, 'tiers.2.fromVolume'],
    [{ tiers: [{ percent: '101' }] }, 'tiers.0.percent'],
    [{ tiers: [{ percent: '100.1' }] }, 'tiers.0.percent'],
    [{ tiers: [{ percent: '-1' }] }, 'tiers.0.percent'],
    [{ tiers: [{ fixed: '0.305' }] }, 'tiers.0.fixed'],
    [{ minimum: 'x' }, 'minimum'],
    [{ minimum: '2', maximum: '1' }, 'maximum'],
  ])('refuses %j at %s', (over, param) => {
    const checked = checkTerms({ tiers: [{}], refundable: 'none', ...over }, 'USD');
    expect(checked.ok ? undefined : checked.problem.param).toBe(param);
  });
});
