import fc from '../../support/properties';
import { allocate } from '../../../domain/money/allocate';
import { add, compare, CurrencyMismatch, money, negate, subtract } from '../../../domain/money/money';
import {
  convert,
  formatRate,
  invertRate,
  multiplyRates,
  parseRate,
  portion,
} from '../../../domain/money/rate';
import { divideRounded, type Rounding } from '../../../domain/money/rounding';

const amounts = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

describe('money', () => {
  test('adds, subtracts, negates and compares within a currency', () => {
    expect(add(money(1n, 'USD'), money(2n, 'USD'))).toEqual({ amount: 3n, currency: 'USD' });
    expect(subtract(money(1n, 'USD'), money(2n, 'USD'))).toEqual({ amount: -1n, currency: 'USD' });
    expect(negate(money(1n, 'USD'))).toEqual({ amount: -1n, currency: 'USD' });
    expect(compare(money(1n, 'USD'), money(2n, 'USD'))).toBe(-1);
    expect(compare(money(2n, 'USD'), money(2n, 'USD'))).toBe(0);
    expect(compare(money(3n, 'USD'), money(2n, 'USD'))).toBe(1);
  });

  test.each([add, subtract, compare])('%p refuses two currencies', (operation) => {
    expect(() => operation(money(1n, 'USD'), money(1n, 'EUR'))).toThrow(CurrencyMismatch);
  });
});

describe('divideRounded', () => {
  const table: [Rounding, bigint[]][] = [
    //            -7/2 -5/2 -1/3 1/3 5/2 7/2 8/3
    ['half_even', [-4n, -2n, 0n, 0n, 2n, 4n, 3n]],
    ['half_up', [-4n, -3n, 0n, 0n, 3n, 4n, 3n]],
    ['half_down', [-3n, -2n, 0n, 0n, 2n, 3n, 3n]],
    ['up', [-4n, -3n, -1n, 1n, 3n, 4n, 3n]],
    ['down', [-3n, -2n, 0n, 0n, 2n, 3n, 2n]],
    ['ceiling', [-3n, -2n, 0n, 1n, 3n, 4n, 3n]],
    ['floor', [-4n, -3n, -1n, 0n, 2n, 3n, 2n]],
  ];
  test.each(table)('%s', (rounding, expected) => {
    const ratios: [bigint, bigint][] = [
      [-7n, 2n],
      [-5n, 2n],
      [-1n, 3n],
      [1n, 3n],
      [5n, 2n],
      [7n, 2n],
      [8n, 3n],
    ];
    expect(ratios.map(([n, d]) => divideRounded(n, d, rounding))).toEqual(expected);
  });

  test('is never a whole unit away, and signs on both sides cancel', () => {
    const roundings = fc.constantFrom<Rounding>(...table.map(([name]) => name));
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 1n, max: 10n ** 20n }), roundings, (n, d, rounding) => {
        const result = divideRounded(n, d, rounding);
        const off = n - result * d;
        expect(off < d && off > -d).toBe(true);
        expect(divideRounded(-n, -d, rounding)).toBe(result);
      }),
    );
  });

  test('refuses to divide by zero', () => {
    expect(() => divideRounded(1n, 0n, 'down')).toThrow(RangeError);
  });
});

describe('allocate', () => {
  test.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [5n, [3n, 7n], [2n, 3n]],
    [10n, [0n, 1n], [0n, 10n]],
    [0n, [1n, 2n], [0n, 0n]],
  ])('%d by %j', (amount, weights, shares) => {
    expect(allocate(amount, weights)).toEqual(shares);
  });

  test('shares sum to the whole, and each is less than a unit from its exact part', () => {
    const weights = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 20 })
      .filter((list) => list.some((weight) => weight > 0n));
    fc.assert(
      fc.property(amounts, weights, (amount, list) => {
        const shares = allocate(amount, list);
        const total = list.reduce((sum, weight) => sum + weight, 0n);
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(amount);
        shares.forEach((share, index) => {
          const off = share * total - amount * (list[index] ?? 0n);
          expect(off < total && off > -total).toBe(true);
        });
      }),
    );
  });

  test('refuses what cannot be split', () => {
    expect(() => allocate(1n, [])).toThrow('sum to zero');
    expect(() => allocate(1n, [0n])).toThrow('sum to zero');
    expect(() => allocate(1n, [2n, -1n])).toThrow('negative');
  });
});

describe('rates', () => {
  const rate = (text: string) => {
    const parsed = parseRate(text);
    if (parsed === undefined) throw new Error(`${text} is no rate`);
    return parsed;
  };

  test.each(['', '0', '0.000', '-1', '1e3', '1.', '.5', ' 1', '1'.repeat(40), `0.${'1'.repeat(19)}`])(
    '%j is no rate',
    (text) => expect(parseRate(text)).toBeUndefined(),
  );

  test('is kept exactly and printed as asked', () => {
    expect(rate('31.4725')).toEqual({ numerator: 314_725n, denominator: 10_000n });
    expect(formatRate(rate('31.4725'), 4)).toBe('31.4725');
    expect(formatRate(rate('31.4725'), 0)).toBe('31');
    expect(formatRate(invertRate(rate('3')), 6)).toBe('0.333333');
    expect(formatRate(multiplyRates(rate('2'), rate('0.25')), 2)).toBe('0.50');
  });

  test.each([
    [money(10_050n, 'USD'), '31.5', 'TWD', money(3_166n, 'TWD')],
    [money(1_000n, 'TWD'), '0.03174', 'USD', money(3_174n, 'USD')],
    [money(1_000_000_000_000_000_000n, 'ETH'), '2500.123456', 'USDT', money(2_500_123_456n, 'USDT')],
    [money(1n, 'USD'), '0.000001', 'BTC', money(1n, 'BTC')],
  ])('%j at %s in %s', (source, text, target, result) => {
    expect(convert(source, rate(text), target, 'half_even')).toEqual(result);
  });

  test('there and back, rounded down, never gains', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        (amount, numerator, denominator) => {
          const there = convert(money(amount, 'USD'), { numerator, denominator }, 'TWD', 'down');
          const back = convert(there, { numerator: denominator, denominator: numerator }, 'USD', 'down');
          expect(back.amount).toBeLessThanOrEqual(amount);
        },
      ),
    );
  });

  test('a portion is rounded as named', () => {
    const percent29 = { numerator: 290n, denominator: 10_000n };
    expect(portion(9_999n, percent29, 'half_even')).toBe(290n);
    expect(portion(9_999n, percent29, 'down')).toBe(289n);
  });
});
