import { formatAmount } from '../money/amount';
import { findCurrency } from '../money/currency';
import type { MovedMoney, RefundStatus as RefundNews } from '../payment/outcome';
import type { RefundStatus } from './status';

interface KnownRefund {
  status: RefundStatus;
  amount: bigint;
  currency: string;
}

/**
 * Why news can't be of a refund that has ended as it did, for an operator to read; undefined: it says the same, or nothing
 * of the end.
 */
export function doubtAfterEnd(refund: KnownRefund, news: RefundNews): string | undefined {
  const { status, amount, currency } = refund;
  const known = `${formatAmount(amount, currency)} ${currency}`;
  if (status === 'succeeded' && news.kind === 'declined') {
    return `The refund had succeeded here, and it says that it failed (${news.error.code}): ${known} did not reach the customer, and the books have it as given back. If that is true, an adjustment gives it back to whom it was taken from.`;
  }
  if (news.kind !== 'succeeded') return undefined;
  if (status === 'failed') {
    return `The refund had failed here, and it says that it was made: ${shown(news.refund)} went to the customer, and the books have it still. If that is true, an adjustment takes it from whom it was left with.`;
  }
  if (status !== 'succeeded' || isOf(news.refund, refund)) return undefined;
  return `The refund gave back ${known} here, and it says ${shown(news.refund)}. An adjustment brings in what is between them.`;
}

/** What to say of a refund that nobody asked for here, of a charge on the books; undefined: it has not ended. */
export function doubtOfUnasked(news: RefundNews): string | undefined {
  if (news.kind === 'succeeded') {
    return `It is about a refund of ${shown(news.refund)} that was not asked for here: the channel has given it back, at its own dashboard perhaps, and the books have it still. An adjustment takes it off; refunded here, it would be given back twice.`;
  }
  return news.kind === 'declined'
    ? `It is about a refund that was not asked for here, and says that it failed (${news.error.code}). If it was brought into the books when it was made, an adjustment takes that back.`
    : undefined;
}

interface NamedCharge {
  chargeReference: string;
  chargeRef: string;
}

/** Why news of a refund can't be believed: it names another charge than the refund's own. */
export function doubtOfCharge(told: Partial<NamedCharge>, known: NamedCharge): string | undefined {
  const { chargeReference = known.chargeReference, chargeRef = known.chargeRef } = told;
  if (chargeReference === known.chargeReference && chargeRef === known.chargeRef) return undefined;
  const named = chargeReference === known.chargeReference ? chargeRef : chargeReference;
  return `It says that a refund of ${known.chargeReference} is of another charge, ${named}: it is not believed, and changes nothing of the refund. If money of the other charge went back, an adjustment takes it off there.`;
}

function isOf({ amountMinor, currency }: MovedMoney, known: KnownRefund): boolean {
  return amountMinor === known.amount.toString() && currency === known.currency;
}

function shown({ amountMinor, currency }: MovedMoney): string {
  return findCurrency(currency) === undefined
    ? `${amountMinor} of the smallest unit of ${currency}`
    : `${formatAmount(BigInt(amountMinor), currency)} ${currency}`;
}
