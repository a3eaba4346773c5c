import fc from '../../support/properties';
import { amountDigitsMax, formatAmount, parseAmount, parseAmountNumber } from '../../../domain/money/amount';
import { allCurrencies, findCurrency } from '../../../domain/money/currency';

const anyCurrency = fc.constantFrom(...allCurrencies().map(({ code }) => code));
const anyMinor = fc.bigInt({ min: 0n, max: 10n ** BigInt(amountDigitsMax) - 1n });

describe('currencies', () => {
  test.each([
    ['USD', 2, 'fiat'],
    ['EUR', 2, 'fiat'],
    ['JPY', 0, 'fiat'],
    ['TWD', 0, 'fiat'],
    ['KWD', 3, 'fiat'],
    ['CLF', 4, 'fiat'],
    ['BTC', 8, 'crypto'],
    ['ETH', 18, 'crypto'],
    ['USDT', 6, 'crypto'],
  ])('%s has %i decimals and is %s', (code, exponent, kind) => {
    expect(findCurrency(code)).toEqual({ code, exponent, kind });
  });

  test.each(['usd', 'XXX', 'XAU', 'BGN', '', 'toString', '__proto__'])('%j is none', (code) => {
    expect(findCurrency(code)).toBeUndefined();
  });
});

describe('parseAmount', () => {
  test.each([
    ['100.50', 'USD', 10_050n],
    ['100.5', 'USD', 10_050n],
    ['100', 'USD', 10_000n],
    ['0', 'USD', 0n],
    ['0.01', 'USD', 1n],
    ['1299', 'TWD', 1_299n],
    ['1.234', 'KWD', 1_234n],
    ['9.300000000000000001', 'ETH', 9_300_000_000_000_000_001n],
    ['0.00000001', 'BTC', 1n],
  ])('%s %s', (text, currency, minor) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, minor });
  });

  test.each([
    ['1', 'XYZ', 'unknown_currency'],
    ['-1', 'USD', 'negative'],
    ['-0', 'USD', 'negative'],
    ['1.005', 'USD', 'too_many_decimals'],
    ['1.000', 'USD', 'too_many_decimals'],
    ['1.5', 'TWD', 'too_many_decimals'],
    ['1.0', 'JPY', 'too_many_decimals'],
    ['', 'USD', 'not_a_decimal'],
    [' 1', 'USD', 'not_a_decimal'],
    ['1 ', 'USD', 'not_a_decimal'],
    ['1\n', 'USD', 'not_a_decimal'],
    ['+1', 'USD', 'not_a_decimal'],
    ['01', 'USD', 'not_a_decimal'],
    ['1.', 'USD', 'not_a_decimal'],
    ['.5', 'USD', 'not_a_decimal'],
    ['1e3', 'USD', 'not_a_decimal'],
    ['1,000.00', 'USD', 'not_a_decimal'],
    ['0x10', 'USD', 'not_a_decimal'],
    ['NaN', 'USD', 'not_a_decimal'],
    ['١٢', 'USD', 'not_a_decimal'],
    ['1'.repeat(29), 'USD', 'too_large'],
    ['1'.repeat(100_000), 'USD', 'too_large'],
  ])('refuses %.20j %s: %s', (text, currency, reason) => {
    expect(parseAmount(text, currency)).toEqual({ ok: false, reason });
  });

  test('what is formatted parses to the same amount', () => {
    fc.assert(
      fc.property(anyMinor, anyCurrency, (minor, currency) => {
        expect(parseAmount(formatAmount(minor, currency), currency)).toEqual({ ok: true, minor });
      }),
    );
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), anyCurrency, (text, currency) => {
        const parsed = parseAmount(text, currency);
        if (parsed.ok) expect(parsed.minor).toBeGreaterThanOrEqual(0n);
      }),
    );
  });
});

describe('parseAmountNumber', () => {
  test.each([
    [100.5, 'USD', 10_050n],
    [0.1, 'USD', 10n],
    [1.1, 'USD', 110n],
    [1299, 'TWD', 1_299n],
    [0, 'USD', 0n],
  ])('%d %s', (value, currency, minor) => {
    expect(parseAmountNumber(value, currency)).toEqual({ ok: true, minor });
  });

  test.each([
    [1.005, 'USD', 'too_many_decimals'],
    [0.1 + 0.2, 'ETH', 'inexact_number'],
    [9007199254740993, 'TWD', 'inexact_number'],
    [1e21, 'TWD', 'not_a_decimal'],
    [1e-7, 'BTC', 'not_a_decimal'],
    [Number.NaN, 'USD', 'not_a_decimal'],
    [Number.POSITIVE_INFINITY, 'USD', 'not_a_decimal'],
    [-5, 'USD', 'negative'],
  ])('refuses %d %s: %s', (value, currency, reason) => {
    expect(parseAmountNumber(value, currency)).toEqual({ ok: false, reason });
  });

  test('reads every two-decimal amount up to ten billion exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999n }), (minor) => {
        expect(parseAmountNumber(Number(formatAmount(minor, 'USD')), 'USD')).toEqual({ ok: true, minor });
      }),
    );
  });
});

describe('formatAmount', () => {
  test.each([
    [10_050n, 'USD', '100.50'],
    [-5n, 'USD', '-0.05'],
    [0n, 'USD', '0.00'],
    [-1_299n, 'TWD', '-1299'],
    [1n, 'ETH', '0.000000000000000001'],
  ])('%d %s is %s', (minor, currency, text) => {
    expect(formatAmount(minor, currency)).toBe(text);
  });

  test('refuses a currency it does not know', () => {
    expect(() => formatAmount(1n, 'XYZ')).toThrow('Unknown currency "XYZ"');
  });
});
