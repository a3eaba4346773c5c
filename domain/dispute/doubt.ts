import { amountDigitsMax, formatAmount } from '../money/amount';
import { findCurrency } from '../money/currency';
import type { Money } from '../money/money';
import type { DisputeNews } from '../payment/outcome';
import { isDisputeOver, type DisputeStatus } from './status';

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

/** Why a dispute can't begin as it is told: `room` is what of its charge is not disputed otherwise. */
export function doubtAbout(told: Told, room: Money): string | undefined {
  if (told.currency !== room.currency) {
    return `It is about ${shown(moneyOf(told))}, and its charge is in ${room.currency}.`;
  }
  if (BigInt(told.amountMinor) <= room.amount) return undefined;
  const most = { ...room, amount: room.amount > 0n ? room.amount : 0n };
  return `It is about ${shown(moneyOf(told))}, and no more than ${shown(most)} can be disputed of its charge.`;
}

/** Why news can't be of a dispute that is known: what it holds is what its beginning said. */
export function doubtBeside(told: Told, known: Money): string | undefined {
  const { amount, currency } = moneyOf(told);
  if (amount === known.amount && currency === known.currency) return undefined;
  return `It is about ${shown({ amount, currency })}, and the dispute was opened about ${shown(known)}.`;
}

/** Why news can't be of a dispute that has ended as it did; news of its beginning may come late. */
export function doubtAfterEnd(
  { state }: Pick<DisputeNews, 'state'>,
  known: Money & { status: DisputeStatus },
): string | undefined {
  if (!isDisputeOver(known.status) || state === 'opened' || state === known.status) return undefined;
  const moved =
    state === 'won'
      ? `the channel has given ${shown(known)} back, and the books have it as lost`
      : `the channel has taken ${shown(known)}, and the books have it still`;
  return `It says that the dispute was ${state}, and it had ended here as ${known.status}: ${moved}. If that is true, an adjustment brings it in.`;
}

function moneyOf({ amountMinor, currency }: Told): Money {
  return { amount: BigInt(amountMinor), currency };
}

function shown({ amount, currency }: Money): string {
  return `${formatAmount(amount, currency)} ${currency}`;
}
