import { amountDigitsMax } from '../money/amount';
import { findCurrency } from '../money/currency';
import type { DisputeNews } from '../payment/outcome';

type Told = Pick<DisputeNews, 'amountMinor' | 'currency'>;

const amountThatCanBe = new RegExp(`^[1-9][0-9]{0,${amountDigitsMax - 1}}$`);

/** Why nothing can be disputed as it is told, for an operator to read; undefined: it can. */
export function doubtOf({ amountMinor, currency }: Told): string | undefined {
  if (findCurrency(currency) === undefined) {
    return `It is about a currency that is not known here: ${currency}.`;
  }
  return amountThatCanBe.test(amountMinor)
    ? undefined
    : `It is about an amount that can not be disputed: ${amountMinor} of the smallest unit of ${currency}.`;
}
