import fc from '../../support/properties';
import { canonicalJson, InexactNumber, parseJson, textsOf } from '../../../api/json';

it('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const read = parseJson(text);
      if (/e[+-]?\d/i.test(text) || JSON.stringify(read).includes('"text"')) return;
      expect(JSON.stringify(read)).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

it('refuses a key that stands twice with two values', () => {
  expect(() => parseJson('{"amount":"1","amount":"100"}')).toThrow();
});

it('refuses what is nested deeper than any message', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseJson(nested(32))).toBeDefined();
  for (const depth of [33, 1_000, 30_000]) expect(() => parseJson(nested(depth))).toThrow();
});

it('keeps the digits of numbers that would change', () => {
  expect(parseJson('[1.50,9007199254740993,1e400]')).toEqual([
    1.5,
    new InexactNumber('9007199254740993'),
    new InexactNumber('1e400'),
  ]);
});

it('takes __proto__ for a key like any other', () => {
  const value = parseJson('{"__proto__":{"admin":true}}') as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect('admin' in {}).toBe(false);
  expect('admin' in value).toBe(false);
});

it('finds every text, number and key', () => {
  const found = [...textsOf({ a: ['x', 7], b: { 'k y': null } })].map(({ path, text }) => `${path}=${text}`);
  expect(found).toEqual(['=a', 'a[0]=x', 'a[1]=7', '=b', 'b=k y']);
});

it('writes equal values as equal texts, different ones as different ones', () => {
  expect(canonicalJson({ b: 1, a: [true, null] })).toBe(canonicalJson({ a: [true, null], b: 1 }));
  expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
  expect(canonicalJson({ a: 'x","b":"y' })).not.toBe(canonicalJson({ a: 'x', b: 'y' }));
});
