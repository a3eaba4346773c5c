import { convertAt, type PinnedConversion } from '../exchange/conversion';
import type { ChannelFees } from '../fees/contracts';
import { chargeFees, refundFees } from '../fees/payment-fees';

/** An exchange at a payment's own terms: so much of its currency for so much of what the merchant settles in. */
export interface ExchangeShare {
  source: bigint;
  target: bigint;
  worth: bigint;
}

/** A payment's money, as the books have it: each charge less its fee, and what was taken back of it so far. */
export interface FundedPayment {
  captured: bigint;
  /** What was pinned for the attempt that brought it. */
  fees?: ChannelFees;
  conversion?: PinnedConversion;
  /** Charge by charge, for each was booked and exchanged by itself. */
  charges: readonly bigint[];
  taken: TakenBack;
}

/** By all refunds and disputes that hold or have cost the merchant something. */
export interface TakenBack {
  /** Of the customers' money. */
  refunded: bigint;
  /** Of the fee, out of our income. */
  fee: bigint;
  /** Of the merchant, in the payment's currency, and in its own for that. */
  merchant: bigint;
  target: bigint;
  worth: bigint;
  /** Some refund was set aside before its part of the fee was: that goes back when it is done. */
  hasFeeToCome: boolean;
}

/** Who gives the money that a refund or a dispute takes. */
export interface Funding {
  /** Our part: of the fee, what the plan gives back. */
  fee: bigint;
  /** The merchant's part, in the payment's currency. */
  merchant: bigint;
  /** What the merchant gives for its part, where the payment was exchanged. */
  exchange?: ExchangeShare;
  /** What the balance must carry: in the currency that the merchant settles in. */
  cost: bigint;
}

/**
 * Reckoned from the sums before and after, so that however a payment is refunded in parts, the parts of the fee and of
 * the exchange sum to what one full refund gives and takes; one that fails leaves room for exactly what it held.
 */
export function fundRefund(payment: FundedPayment, amount: bigint): Funding {
  const { taken } = payment;
  const before = taken.hasFeeToCome ? feeUpTo(payment, taken.refunded) : taken.fee;
  const fee = lesser(atLeastZero(feeUpTo(payment, taken.refunded + amount) - before), amount);
  return funded(payment, fee, amount - fee);
}

/** A dispute takes all of it from the merchant: a fee is given back for what the merchant gives back itself. */
export function fundDispute(payment: FundedPayment, amount: bigint): Funding {
  return funded(payment, 0n, amount);
}

function funded(payment: FundedPayment, fee: bigint, merchant: bigint): Funding {
  const exchange = payment.conversion && shareOf(payment, payment.conversion, merchant);
  return { fee, merchant, exchange, cost: exchange?.target ?? merchant };
}

function feeUpTo({ fees, captured, charges }: FundedPayment, refund: bigint): bigint {
  const fee = charges.reduce((sum, charge) => sum + chargeFees(fees, charge).fee, 0n);
  return refundFees(fees, { captured, fee, refundedBefore: 0n, refund }).feeReturned;
}

/** The exchange undone at its own rate: the part that is taken back, of what the merchant was given. */
function shareOf(payment: FundedPayment, conversion: PinnedConversion, source: bigint): ExchangeShare {
  const { fees, charges, taken } = payment;
  const whole = { source: 0n, target: 0n, worth: 0n };
  for (const charge of charges) {
    const net = charge - chargeFees(fees, charge).fee;
    const { target, worth } = convertAt(conversion, net);
    whole.source += net;
    whole.target += target;
    whole.worth += worth;
  }
  const total = taken.merchant + source;
  // A fee may have taken all there was: then nothing was exchanged, and the rate alone says what it is worth.
  const upTo =
    whole.source === 0n
      ? convertAt(conversion, total)
      : {
          target: (whole.target * total) / whole.source,
          worth: (whole.worth * total) / whole.source,
        };
  return {
    source,
    target: atLeastZero(upTo.target - taken.target),
    worth: atLeastZero(upTo.worth - taken.worth),
  };
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}

function lesser(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
