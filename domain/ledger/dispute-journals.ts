import type { Money } from '../money/money';
import { channelReceivable, merchantAccount, platformAccount } from './account';
import { journal, stepReference, transfer, type Journal, type JournalHead } from './journal';
import { madeUpStep } from './movable-accounts';

export interface DisputeBooked extends JournalHead {
  paymentId: string;
  disputeId: string;
  merchantId: string;
  channelConfigId: string;
  amount: Money;
  /** Pending may go below zero and is made up from later payments; available may not. */
  from: 'pending' | 'available';
  /** What the channel takes for a dispute that was lost, and whether the merchant bears it. */
  channelFee?: bigint;
  feeBorneBy?: 'merchant' | 'platform';
  /** What the merchant pays us for a dispute that was lost, by its plan. */
  fee?: bigint;
}

/** The amount is withheld while the dispute runs. */
export function disputeHoldJournal(dispute: DisputeBooked): Journal {
  const { source, held } = accounts(dispute);
  return disputeJournal(dispute, 'dispute_hold', 'hold', transfer(source, held, dispute.amount.amount));
}

/** Won: the amount goes back where it came from. */
export function disputeWonJournal(dispute: DisputeBooked): Journal {
  const { source, held } = accounts(dispute);
  return disputeJournal(dispute, 'dispute_won', 'won', transfer(held, source, dispute.amount.amount));
}

/**
 * Lost: the channel takes the amount out of what it owes us, and its fee with it. Our own comes from pending, wherever
 * the amount came from: a dispute that is lost can't fail for its fee.
 */
export function disputeLostJournal(dispute: DisputeBooked): Journal {
  const { source, held, receivable, cost } = accounts(dispute);
  const { mode, merchantId, channelFee = 0n, fee = 0n } = dispute;
  const { currency } = dispute.amount;
  return disputeJournal(dispute, 'dispute_lost', 'lost', [
    ...transfer(held, receivable, dispute.amount.amount),
    ...transfer(dispute.feeBorneBy === 'merchant' ? source : cost, receivable, channelFee),
    ...transfer(
      merchantAccount(mode, merchantId, 'pending', currency),
      platformAccount(mode, 'fee_income', currency),
      fee,
    ),
  ]);
}

/**
 * Lost, but the money was not the merchant's: it lay in suspense, or, as far as it did not, had been settled from there
 * already and is paid a second time, which the platform bears.
 */
export function disputeLostElsewhereJournal(
  dispute: Omit<DisputeBooked, 'from' | 'feeBorneBy' | 'fee'>,
  fromSuspense: bigint,
): Journal {
  const { receivable, cost } = accounts({ ...dispute, from: 'pending' });
  const suspense = platformAccount(dispute.mode, 'suspense', dispute.amount.currency);
  return disputeJournal(dispute, 'dispute_lost', 'lost', [
    ...transfer(suspense, receivable, fromSuspense),
    ...transfer(cost, receivable, dispute.amount.amount - fromSuspense),
    ...transfer(cost, receivable, dispute.channelFee ?? 0n),
  ]);
}

/** What the platform has paid of such a dispute lies in suspense after all, and makes up for it. */
export function disputeMadeUpJournal(
  dispute: Omit<DisputeBooked, 'from' | 'feeBorneBy' | 'fee' | 'merchantId' | 'channelConfigId'>,
): Journal {
  const { mode, amount, paymentId, disputeId, reference, effectiveAt, workflowId } = dispute;
  const { currency } = amount;
  const suspense = platformAccount(mode, 'suspense', currency);
  return journal(
    { reference: stepReference(reference, madeUpStep), mode, effectiveAt, workflowId },
    {
      kind: 'dispute_lost',
      links: { paymentId, disputeId },
      postings: transfer(suspense, platformAccount(mode, 'channel_cost', currency), amount.amount),
    },
  );
}

function accounts(dispute: DisputeBooked) {
  const { mode, merchantId, channelConfigId, from } = dispute;
  const { currency } = dispute.amount;
  return {
    source: merchantAccount(mode, merchantId, from, currency),
    held: merchantAccount(mode, merchantId, 'held', currency),
    receivable: channelReceivable(mode, channelConfigId, currency),
    cost: platformAccount(mode, 'channel_cost', currency),
  };
}

function disputeJournal(
  dispute: Omit<DisputeBooked, 'from'>,
  kind: 'dispute_hold' | 'dispute_won' | 'dispute_lost',
  step: string,
  postings: Journal['postings'],
): Journal {
  const { reference, mode, effectiveAt, workflowId, paymentId, disputeId } = dispute;
  return journal(
    { reference: stepReference(reference, step), mode, effectiveAt, workflowId },
    { kind, links: { paymentId, disputeId }, postings },
  );
}
