import type { PinnedConversion } from '../exchange/conversion';
import { CurrencyMismatch, type Money } from '../money/money';
import { merchantAccount, platformAccount } from './account';
import { journal, stepReference, transfer, type Journal, type JournalHead } from './journal';

export interface ExchangeBooked extends JournalHead {
  paymentId?: string;
  refundId?: string;
  disputeId?: string;
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
  const { paymentId, refundId, disputeId, merchantId, balance, source, target, worth, ...head } = exchange;
  const { mode } = head;
  if (worth.currency !== target.currency) throw new CurrencyMismatch(worth.currency, target.currency);
  if (source.currency === target.currency)
    throw new RangeError(`Nothing to exchange within ${source.currency}`);
  const clearing = platformAccount(mode, 'fx_clearing', target.currency);
  return journal(
    { ...head, reference: stepReference(head.reference, 'fx') },
    {
      kind: 'exchange',
      links: {
        ...(paymentId === undefined ? {} : { paymentId }),
        ...(refundId === undefined ? {} : { refundId }),
        ...(disputeId === undefined ? {} : { disputeId }),
      },
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

export interface ExchangeOf extends JournalHead {
  paymentId: string;
  refundId?: string;
  disputeId?: string;
  merchantId: string;
  amount: Money;
}

/**
 * A part of a payment's exchange undone for a step of a refund or a dispute (-1), or done again (1): the same lines
 * as of the exchange itself, so that clearing is even when all of it was undone.
 */
export function exchangeShareJournal(
  of: ExchangeOf,
  { settleCurrency: currency }: Pick<PinnedConversion, 'settleCurrency'>,
  share: { source: bigint; target: bigint; worth: bigint },
  how: { step: string; balance: 'pending' | 'available'; sign: 1n | -1n },
): Journal {
  const { reference, mode, effectiveAt, workflowId, paymentId, refundId, disputeId, merchantId } = of;
  const { step, balance, sign } = how;
  return exchangeJournal({
    ...{ mode, effectiveAt, workflowId, paymentId, refundId, disputeId, merchantId, balance },
    reference: stepReference(reference, step),
    source: { amount: sign * share.source, currency: of.amount.currency },
    target: { amount: sign * share.target, currency },
    worth: { amount: sign * share.worth, currency },
  });
}
