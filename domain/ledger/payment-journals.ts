import type { Money } from '../money/money';
import { channelReceivable, merchantAccount, platformAccount, type Account } from './account';
import { journal, stepReference, transfer, type Journal, type JournalHead, type Posting } from './journal';

/** Money that a channel took for a merchant, with what it costs the merchant and us. */
export interface ChargeBooked extends JournalHead {
  paymentId: string;
  merchantId: string;
  channelConfigId: string;
  amount: Money;
  /** Zero or left out where there is no plan. */
  fee?: bigint;
  channelCost?: bigint;
}

/** A payment succeeded: the channel owes us, we owe the merchant, less the fee; the channel keeps its cost. */
export function successJournal(charge: ChargeBooked): Journal {
  return chargeJournal(charge, 'success');
}

/** As success, for one capture of what was authorised; an authorisation alone moves no money and has no journal. */
export function captureJournal(charge: ChargeBooked): Journal {
  return chargeJournal(charge, 'capture');
}

function chargeJournal(charge: ChargeBooked, kind: 'success' | 'capture'): Journal {
  const { paymentId, merchantId, channelConfigId, mode, amount, fee = 0n, channelCost = 0n } = charge;
  const pending = merchantAccount(mode, merchantId, 'pending', amount.currency);
  const receivable = channelReceivable(mode, channelConfigId, amount.currency);
  return journal(charge, {
    kind,
    links: { paymentId },
    postings: [
      ...transfer(receivable, pending, amount.amount),
      ...transfer(pending, platformAccount(mode, 'fee_income', amount.currency), fee),
      ...transfer(platformAccount(mode, 'channel_cost', amount.currency), receivable, channelCost),
    ],
  });
}

export interface FeeBooked extends JournalHead {
  merchantId: string;
  fee: Money;
  from: 'pending' | 'available';
  paymentId?: string;
}

/** A fee that comes apart from a payment's success: monthly, per statement, or found later. */
export function feeJournal(booked: FeeBooked): Journal {
  const { merchantId, fee, from, paymentId, ...head } = booked;
  return journal(head, {
    kind: 'fee',
    links: paymentId === undefined ? {} : { paymentId },
    postings: transfer(
      merchantAccount(head.mode, merchantId, from, fee.currency),
      platformAccount(head.mode, 'fee_income', fee.currency),
      fee.amount,
    ),
  });
}

export interface ChannelCostBooked extends JournalHead {
  channelConfigId: string;
  cost: Money;
  paymentId?: string;
}

/** What a channel charges apart from a payment, or what its statement shows over what was expected. */
export function channelCostJournal(booked: ChannelCostBooked): Journal {
  const { channelConfigId, cost, paymentId, ...head } = booked;
  return journal(head, {
    kind: 'channel_cost',
    links: paymentId === undefined ? {} : { paymentId },
    postings: transfer(
      platformAccount(head.mode, 'channel_cost', cost.currency),
      channelReceivable(head.mode, channelConfigId, cost.currency),
      cost.amount,
    ),
  });
}

export interface RefundBooked extends JournalHead {
  paymentId: string;
  refundId: string;
  merchantId: string;
  channelConfigId: string;
  amount: Money;
  /** Where the amount was taken from when it was set aside; what is given back goes there too. */
  from: 'pending' | 'available';
  /** The part of the fee that the plan gives back, where it was not set aside with the rest. */
  feeReturned?: bigint;
  /** The part of the amount that was set aside out of our fee income instead of the merchant's balance. */
  feeSetAside?: bigint;
  /** What the channel takes for the refund. */
  channelCost?: bigint;
}

type RefundHeld = Omit<RefundBooked, 'channelConfigId' | 'feeReturned' | 'channelCost'>;

/** The amount is set aside before the channel is asked: the merchant's part of it, and what we give back of our fee. */
export function refundHoldJournal(refund: RefundHeld): Journal {
  return heldJournal(refund, 'refund_hold', 'hold');
}

/** It failed at the channel: the amount goes back where it came from. */
export function refundReleaseJournal(refund: RefundHeld): Journal {
  return heldJournal(refund, 'refund_release', 'release');
}

function heldJournal(refund: RefundHeld, kind: 'refund_hold' | 'refund_release', step: string): Journal {
  const { paymentId, refundId, merchantId, amount, from, feeSetAside = 0n, ...head } = refund;
  const source = merchantAccount(head.mode, merchantId, from, amount.currency);
  const held = merchantAccount(head.mode, merchantId, 'held', amount.currency);
  const income = platformAccount(head.mode, 'fee_income', amount.currency);
  const move = (from: Account, amountMoved: bigint) =>
    kind === 'refund_hold' ? transfer(from, held, amountMoved) : transfer(held, from, amountMoved);
  const postings = [...move(source, amount.amount - feeSetAside), ...move(income, feeSetAside)];
  return journal(
    { ...head, reference: stepReference(head.reference, step) },
    { kind, links: { paymentId, refundId }, postings },
  );
}

/** The channel gave the money back: it owes us less, and the merchant has its part of the fee again. */
export function refundJournal(refund: RefundBooked): Journal {
  const {
    paymentId,
    refundId,
    merchantId,
    channelConfigId,
    amount,
    from,
    feeSetAside: _setAside,
    feeReturned = 0n,
    channelCost = 0n,
    ...head
  } = refund;
  const { mode } = head;
  const { currency } = amount;
  const receivable = channelReceivable(mode, channelConfigId, currency);
  const postings: Posting[] = [
    ...transfer(merchantAccount(mode, merchantId, 'held', currency), receivable, amount.amount),
    ...transfer(
      platformAccount(mode, 'fee_income', currency),
      merchantAccount(mode, merchantId, from, currency),
      feeReturned,
    ),
    ...transfer(platformAccount(mode, 'channel_cost', currency), receivable, channelCost),
  ];
  return journal(head, { kind: 'refund', links: { paymentId, refundId }, postings });
}
