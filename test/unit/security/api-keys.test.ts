import { hashApiKey, isApiKey, newApiKey } from '../../../security/api-keys';
import { sameText } from '../../../security/constant-time';
import { newSigningSecret } from '../../../security/signing-secret';

describe('API keys', () => {
  it.each(['test', 'live', 'admin'] as const)(
    'a new %s key is one, begins with its prefix, has its hash',
    (kind) => {
      const key = newApiKey(kind);
      expect(isApiKey(key.text)).toBe(true);
      expect(key.text.startsWith(`${key.prefix}_`)).toBe(true);
      expect(key.prefix).toMatch(new RegExp(`^dp_${kind}_[0-9A-Za-z]{8}$`));
      expect(key.hash.equals(hashApiKey(key.text))).toBe(true);
      // 62^43 > 2^256
      expect(key.text.slice(key.prefix.length + 1)).toMatch(/^[0-9A-Za-z]{43}$/);
    },
  );

  it('no two are equal', () => {
    const texts = new Set(Array.from({ length: 200 }, () => newApiKey('test').text));
    expect(texts.size).toBe(200);
  });

  it.each([
    '',
    'dp_test_',
    'dp_prod_abcdefgh_' + 'a'.repeat(43),
    'dp_test_abcdefgh_' + 'a'.repeat(42),
    'sk_test_x',
  ])('%j is none', (text) => expect(isApiKey(text)).toBe(false));
});

it('uses every letter about equally often', () => {
  const letters = Array.from({ length: 2_000 }, () => newSigningSecret().slice('whsec_'.length)).join('');
  const counts = new Map<string, number>();
  for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const mean = letters.length / 62;
  expect(counts.size).toBe(62);
  for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.25);
});

it('compares texts of any length', () => {
  expect(sameText('token', 'token')).toBe(true);
  expect(sameText('token', 'tokem')).toBe(false);
  expect(sameText('token', 'token-and-more')).toBe(false);
});
