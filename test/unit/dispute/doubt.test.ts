import { doubtAbout, doubtAfterEnd, doubtBeside, doubtOf } from '../../../domain/dispute/doubt';

const told = (amountMinor: string, currency = 'USD') => ({ amountMinor, currency });
const usd = (amount: bigint) => ({ amount, currency: 'USD' });

test.each(['0', '', '-5', '007', '1.5', '1e3', '9'.repeat(31)])('%p is no amount', (amountMinor) => {
  expect(doubtOf(told(amountMinor))).toMatch(/^It is about an amount that can not be disputed: /);
});

test('an amount of a currency that is known can be disputed', () => {
  expect(doubtOf(told('1'))).toBeUndefined();
  expect(doubtOf(told('9'.repeat(30)))).toBeUndefined();
  expect(doubtOf(told('1', 'QQQ'))).toMatch(/not known here: QQQ\.$/);
});

test('a dispute fits into what of its charge is not disputed otherwise', () => {
  expect(doubtAbout(told('10000'), usd(10_000n))).toBeUndefined();
  expect(doubtAbout(told('10001'), usd(10_000n))).toMatch(/about 100\.01 USD, and no more than 100\.00 USD/);
  expect(doubtAbout(told('1'), usd(-500n))).toMatch(/no more than 0\.00 USD/);
  expect(doubtAbout(told('1', 'EUR'), usd(10_000n))).toMatch(/its charge is in USD\.$/);
});

test('news of a dispute that is known is about what that is about', () => {
  expect(doubtBeside(told('40'), usd(40n))).toBeUndefined();
  expect(doubtBeside(told('39'), usd(40n))).toMatch(
    /0\.39 USD, and the dispute was opened about 0\.40 USD\.$/,
  );
  expect(doubtBeside(told('40', 'EUR'), usd(40n))).toMatch(/^It is about 0\.40 EUR/);
});

test('an end that it did not have is in doubt; the same one, and its beginning, is told late', () => {
  const ended = (status: 'won' | 'lost') => ({ ...usd(10_000n), status });
  expect(doubtAfterEnd({ state: 'won' }, ended('lost'))).toMatch(/given 100\.00 USD back/);
  expect(doubtAfterEnd({ state: 'lost' }, ended('won'))).toMatch(/taken 100\.00 USD/);
  expect(doubtAfterEnd({ state: 'lost' }, ended('lost'))).toBeUndefined();
  expect(doubtAfterEnd({ state: 'opened' }, ended('won'))).toBeUndefined();
  expect(doubtAfterEnd({ state: 'won' }, { ...usd(1n), status: 'under_review' })).toBeUndefined();
});
