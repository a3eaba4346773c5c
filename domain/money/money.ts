/** An amount in the currency's smallest unit. */
export interface Money {
  readonly amount: bigint;
  readonly currency: string;
}

/** Two currencies met where only one may be: a mistake in the program, not in the request. */
export class CurrencyMismatch extends Error {
  constructor(left: string, right: string) {
    super(`Cannot combine ${left} with ${right} without an exchange`);
    this.name = 'CurrencyMismatch';
  }
}

export function money(amount: bigint, currency: string): Money {
  return { amount, currency };
}

export function add(left: Money, right: Money): Money {
  return money(left.amount + same(left, right).amount, left.currency);
}

export function subtract(left: Money, right: Money): Money {
  return money(left.amount - same(left, right).amount, left.currency);
}

export function negate(value: Money): Money {
  return money(-value.amount, value.currency);
}

export function compare(left: Money, right: Money): -1 | 0 | 1 {
  const other = same(left, right).amount;
  return left.amount < other ? -1 : left.amount > other ? 1 : 0;
}

function same(left: Money, right: Money): Money {
  if (left.currency !== right.currency) throw new CurrencyMismatch(left.currency, right.currency);
  return right;
}
