import fc from '../../support/properties';
import { parsePath, plainDecimal, readMoment, valueAt } from '../../../domain/exchange/rate-source';

test.each([
  ['$.rates.TWD', ['rates', 'TWD']],
  ['rates.TWD', ['rates', 'TWD']],
  ['$.data[0].mid', ['data', '0', 'mid']],
  ["['a.b'].c", ['a.b', 'c']],
  ['[3]', ['3']],
])('%s is a path', (text, steps) => expect(parsePath(text)).toEqual(steps));

test.each(['', '$', '.a', 'a..b', 'a.', '[x]', '[0]b', '*', '$..a', 'a'.repeat(3) + '.b'.repeat(20)])(
  '%j is none',
  (text) => expect(parsePath(text)).toBeUndefined(),
);

test('a path finds what the document itself holds, and nothing it inherits', () => {
  const document = { data: [{ mid: '1' }] };
  expect(valueAt(document, ['data', '0', 'mid'])).toBe('1');
  expect(valueAt(document, ['data', '1', 'mid'])).toBeUndefined();
  expect(valueAt(document, ['data', 'length', 'x'])).toBeUndefined();
  expect(valueAt(document, ['constructor', 'name'])).toBeUndefined();
});

test.each([
  ['31.4725', '31.4725'],
  ['1.04e-5', '0.0000104'],
  ['3E2', '300'],
  ['1.5e1', '15'],
  ['12.30e-1', '1.23'],
  ['0.5e0', '0.5'],
  ['-1e2', '-1e2'],
])('%s is %s', (text, decimal) => expect(plainDecimal(text)).toBe(decimal));

test('an exponent changes the form, never the value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 15n }), fc.integer({ min: 0, max: 18 }), (digits, down) => {
      const [whole = '', decimals = ''] = plainDecimal(`${digits}e-${down}`).split('.');
      expect(BigInt(whole + decimals) * 10n ** BigInt(down - decimals.length)).toBe(digits);
    }),
  );
});

test.each([
  ['1767323045', '2026-01-02T03:04:05.000Z'],
  ['1767323045000', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02', '2026-01-02T00:00:00Z'],
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  [{}, undefined],
])('%j is the moment %s', (value, moment) => expect(readMoment(value)).toBe(moment));
