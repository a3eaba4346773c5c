import { z } from 'zod';
import { ApiError } from '../../../api/errors';
import { parseJson } from '../../../api/json';
import { validate } from '../../../api/middleware/validate';
import { amountInput, readAmount } from '../../../api/schemas/amount';

const schema = z.strictObject({ amount: amountInput });

/** From the text of a body to what a handler gets. */
function amountIn(body: string, currency: string): bigint | string {
  try {
    const { amount } = validate(schema, parseJson(body)) as z.output<typeof schema>;
    const read = readAmount(amount, currency);
    return read instanceof ApiError ? `${read.code} ${read.details.param}` : read;
  } catch (error) {
    return error instanceof ApiError ? `${error.code} ${error.details.param}` : String(error);
  }
}

it.each([
  ['"100.50"', 'USD', 10_050n],
  ['100.50', 'USD', 10_050n],
  ['100.5', 'USD', 10_050n],
  ['100', 'USD', 10_000n],
  ['1', 'JPY', 1n],
  ['0.1', 'USD', 10n],
  ['"0.000000000000000001"', 'ETH', 1n],
  ['"9.000000000000000001"', 'ETH', 9_000_000_000_000_000_001n],
  ['"99999999999999999.99"', 'USD', 9_999_999_999_999_999_999n],
])('%s %s is an amount', (text, currency, minor) => {
  expect(amountIn(`{"amount":${text}}`, currency)).toBe(minor);
});

it.each([
  ['"10.005"', 'USD', 'amount_too_precise amount'],
  ['10.005', 'USD', 'amount_too_precise amount'],
  ['1.5', 'JPY', 'amount_too_precise amount'],
  ['"-1"', 'USD', 'amount_not_positive amount'],
  ['-1', 'USD', 'amount_not_positive amount'],
  ['"0"', 'USD', 'amount_not_positive amount'],
  ['0', 'USD', 'amount_not_positive amount'],
  ['"0.00"', 'USD', 'amount_not_positive amount'],
  // 2^53 + 1: JSON.parse would quietly make it 2^53.
  ['9007199254740993', 'JPY', 'amount_not_exact amount'],
  ['100.000000000000001', 'USD', 'amount_too_precise amount'],
  ['1e2', 'USD', 'amount_invalid amount'],
  ['"1e2"', 'USD', 'amount_invalid amount'],
  ['"1,000.00"', 'USD', 'amount_invalid amount'],
  ['"+1"', 'USD', 'amount_invalid amount'],
  ['" 1"', 'USD', 'amount_invalid amount'],
  ['"01"', 'USD', 'amount_invalid amount'],
  ['"1."', 'USD', 'amount_invalid amount'],
  ['""', 'USD', 'amount_invalid amount'],
  ['"NaN"', 'USD', 'amount_invalid amount'],
  ['true', 'USD', 'amount_invalid amount'],
  ['null', 'USD', 'amount_invalid amount'],
  ['{}', 'USD', 'amount_invalid amount'],
  [`"1${'0'.repeat(31)}"`, 'USD', 'amount_too_large amount'],
  [`1${'0'.repeat(40)}`, 'USD', 'amount_too_large amount'],
  [`"${'9'.repeat(5_000)}"`, 'USD', 'amount_too_large amount'],
  ['"1"', 'XXQ', 'currency_unknown currency'],
])('%s %s is refused', (text, currency, error) => {
  expect(amountIn(`{"amount":${text}}`, currency)).toBe(error);
});

it('a missing amount is missing', () => {
  expect(amountIn('{}', 'USD')).toBe('parameter_missing amount');
});
