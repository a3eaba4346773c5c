import { currencyTable } from './currency-table';

export interface Currency {
  code: string;
  /** Decimals of the smallest unit: 2 for cents, 0 for yen. */
  exponent: number;
  kind: 'fiat' | 'crypto';
}

const crypto = new Set(['BTC', 'ETH', 'USDT']);

const currencies: ReadonlyMap<string, Currency> = new Map(
  Object.entries(currencyTable).map(([code, exponent]) => [
    code,
    { code, exponent, kind: crypto.has(code) ? 'crypto' : 'fiat' },
  ]),
);

/** Codes are upper case, as ISO 4217 writes them; "usd" is nobody's currency. */
export function findCurrency(code: string): Currency | undefined {
  return currencies.get(code);
}

export function allCurrencies(): Currency[] {
  return [...currencies.values()];
}

/** For codes that were checked at the door: an unknown one here is a mistake in the program. */
export function currencyOf(code: string): Currency {
  const currency = currencies.get(code);
  if (currency === undefined) throw new RangeError(`Unknown currency ${JSON.stringify(code)}`);
  return currency;
}
