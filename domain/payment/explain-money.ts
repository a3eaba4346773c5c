import type { DisputeStatus } from '../dispute/status';

/** Money that came for a payment and does not pay it: late, a second time, or not as much as was agreed. */
export interface MoneyBeside {
  /** All that came; each amount is with its currency. */
  amount: string;
  place: 'suspense' | 'accepted' | 'given_back' | 'lost';
  /** What lost disputes took out of suspense before, if that is not all: only the rest is in its place. */
  lost?: { amount: string; rest: string };
  /** What the customer has got back of money that was accepted, if that is not all. */
  givenBack?: string;
  /** Of the dispute that the customer has begun about it, if the bank has not decided for the merchant. */
  dispute?: DisputeStatus;
}

/** Where it is now: how the payment ended was written down before it came, and says nothing of it. */
export function whereMoneyIs(money: MoneyBeside): string {
  const parts = [taken(money), whereIn(money), givenBack(money), disputed(money)];
  const told = parts.filter((part) => part !== undefined);
  const last = told.pop() ?? '';
  return `${money.amount} came all the same: ${told.length === 0 ? last : `${told.join(', ')}, and ${last}`}.`;
}

function taken({ lost }: MoneyBeside): string | undefined {
  return lost && `a lost dispute has taken ${lost.amount} of it out of suspense`;
}

function whereIn({ place, lost }: MoneyBeside): string {
  const it = lost === undefined ? 'it' : `the rest, ${lost.rest},`;
  switch (place) {
    case 'suspense':
      return `${it} is held in suspense`;
    case 'accepted':
      return `${it} was booked for the merchant`;
    case 'given_back':
      return `${it} was given back to the customer`;
    case 'lost':
      return 'a lost dispute has taken it out of suspense';
  }
}

function givenBack({ givenBack: amount }: MoneyBeside): string | undefined {
  return amount && `${amount} of that was given back to the customer`;
}

function disputed({ dispute, place }: MoneyBeside): string | undefined {
  if (dispute === undefined || dispute === 'won' || place === 'lost') return undefined;
  return dispute === 'lost'
    ? 'the bank has given disputed money back to the customer'
    : 'the customer disputes it at the bank';
}
