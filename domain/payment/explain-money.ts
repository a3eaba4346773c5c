import type { DisputeStatus } from '../dispute/status';

/** Money that came for a payment and does not pay it: late, a second time, or not as much as was agreed. */
export interface MoneyBeside {
  /** With its currency. */
  amount: string;
  place: 'suspense' | 'accepted' | 'given_back' | 'lost';
  /** Of the dispute that the customer has begun about it, if the bank has not decided for the merchant. */
  dispute?: DisputeStatus;
}

/** Where it is now: how the payment ended was written down before it came, and says nothing of it. */
export function whereMoneyIs({ amount, place, dispute }: MoneyBeside): string {
  return `${amount} came all the same: ${whereIn(place)}${disputed(dispute, place)}.`;
}

function whereIn(place: MoneyBeside['place']): string {
  switch (place) {
    case 'suspense':
      return 'it is held in suspense';
    case 'accepted':
      return 'it was booked for the merchant';
    case 'given_back':
      return 'it was given back to the customer';
    case 'lost':
      return 'a lost dispute has taken it out of suspense';
  }
}

function disputed(status: DisputeStatus | undefined, place: MoneyBeside['place']): string {
  if (status === undefined || status === 'won' || place === 'lost') return '';
  return status === 'lost'
    ? ', and the bank has given disputed money back to the customer'
    : ', and the customer disputes it at the bank';
}
