import { derivedId, seconds, type Dispute, type Intent } from './objects';

/** What moved Stripe's balance: made from the book, as the book is the truth. */

export interface Movement {
  id: string;
  object: 'balance_transaction';
  amount: number;
  available_on: number;
  created: number;
  currency: string;
  fee: number;
  net: number;
  reporting_category: string;
  source: string;
  status: 'pending';
  type: string;
}

const availableAfterMs = 2 * 86_400_000;

/** 2.9 % and 0.30, and 0.30 for a refund; in the units that Stripe counts each currency in. */
function fixedFee(currency: string): number {
  return currency === 'twd' ? 900 : 30;
}

function disputeFee(currency: string): number {
  return currency === 'twd' ? 50_000 : 1_500;
}

function percentage(amount: number, currency: string): number {
  const step = currency === 'twd' ? 100 : 1;
  return Math.round((amount * 29) / 1_000 / step) * step;
}

export function movementsOf(intent: Intent): Movement[] {
  const movements: Movement[] = [];
  const { currency } = intent;
  if (intent.chargedAt !== null) {
    const fee = percentage(intent.amountReceived, currency) + fixedFee(currency);
    const source = derivedId('ch_', intent.id);
    movements.push(movement(intent, 'charge', source, intent.amountReceived, fee, intent.chargedAt));
  }
  for (const refund of intent.refunds) {
    if (refund.status !== 'succeeded') continue;
    const fee = fixedFee(currency);
    movements.push(movement(intent, 'refund', refund.id, -refund.amount, fee, refund.createdAt));
  }
  return [...movements, ...intent.disputes.flatMap((dispute) => disputeMovements(intent, dispute))];
}

/** Withdrawn when it is opened, with a fee; reinstated when it is won, without it. */
export function disputeMovements(intent: Intent, dispute: Dispute): Movement[] {
  const { id, amount, openedAt, endedAt } = dispute;
  const fee = disputeFee(intent.currency);
  const withdrawn = movement(intent, 'adjustment', id, -amount, fee, openedAt, 'dispute');
  if (dispute.status !== 'won' || endedAt === null) return [withdrawn];
  return [withdrawn, movement(intent, 'adjustment', id, amount, -fee, endedAt, 'dispute_reversal')];
}

function movement(
  { currency }: Intent,
  type: string,
  source: string,
  amount: number,
  fee: number,
  at: number,
  category = type,
): Movement {
  return {
    id: derivedId('txn_', source, category),
    object: 'balance_transaction',
    amount,
    available_on: seconds(at + availableAfterMs),
    created: seconds(at),
    currency,
    fee,
    net: amount - fee,
    reporting_category: category,
    source,
    status: 'pending',
    type,
  };
}
