import { CurrencyMismatch, type Money } from '../money/money';
import { merchantAccount, platformAccount } from './account';
import { journal, stepReference, transfer, type Journal, type JournalHead } from './journal';

export interface ExchangeBooked extends JournalHead {
  paymentId?: string;
  merchantId: string;
  balance: 'pending' | 'available';
  source: Money;
  /** What the merchant gets. */
  target: Money;
  /** What the source is worth at the rate without our spread: the difference is our gain (or loss). */
  worth: Money;
}

/** One currency leaves the merchant and another arrives; clearing holds the open position in both. */
export function exchangeJournal(exchange: ExchangeBooked): Journal {
  const { paymentId, merchantId, balance, source, target, worth, ...head } = exchange;
  const { mode } = head;
  if (worth.currency !== target.currency) throw new CurrencyMismatch(worth.currency, target.currency);
  if (source.currency === target.currency)
    throw new RangeError(`Nothing to exchange within ${source.currency}`);
  const clearing = platformAccount(mode, 'fx_clearing', target.currency);
  return journal(
    { ...head, reference: stepReference(head.reference, 'fx') },
    {
      kind: 'exchange',
      links: paymentId === undefined ? {} : { paymentId },
      postings: [
        ...transfer(
          merchantAccount(mode, merchantId, balance, source.currency),
          platformAccount(mode, 'fx_clearing', source.currency),
          source.amount,
        ),
        ...transfer(clearing, merchantAccount(mode, merchantId, balance, target.currency), target.amount),
        ...transfer(
          clearing,
          platformAccount(mode, 'fx_result', target.currency),
          worth.amount - target.amount,
        ),
      ],
    },
  );
}
