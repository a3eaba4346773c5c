import { feeShare, type PinnedConversion } from '../../domain/exchange/conversion';
import { publicId } from '../../domain/ids';
import {
  disputeHoldJournal,
  disputeLostElsewhereJournal,
  disputeLostJournal,
  disputeWonJournal,
  type DisputeBooked,
} from '../../domain/ledger/dispute-journals';
import { exchangeShareJournal } from '../../domain/ledger/exchange-journal';
import type { Journal } from '../../domain/ledger/journal';
import type { StoredDispute } from '../../db/stores/disputes-store';
import { disputeWorkflowId } from '../../workflows/contracts';

type Booked = Omit<DisputeBooked, 'from'>;
type Conversion = PinnedConversion | undefined;

/** Withheld while it runs; nothing, if the money is not the merchant's. */
export function holdJournals(dispute: StoredDispute, effectiveAt: Date, conversion: Conversion): Journal[] {
  const { takenFrom: from } = dispute;
  if (from === undefined) return [];
  const head = booked(dispute, effectiveAt);
  return [...undone(head, dispute, conversion, 'hold'), disputeHoldJournal({ ...head, from })];
}

export function wonJournals(dispute: StoredDispute, effectiveAt: Date, conversion: Conversion): Journal[] {
  const { takenFrom: from } = dispute;
  if (from === undefined) return [];
  const head = booked(dispute, effectiveAt);
  return [disputeWonJournal({ ...head, from }), ...undone(head, dispute, conversion, 'won')];
}

/** What was exchanged is withheld in the payment's own currency: its exchange is undone, and done again if it is won. */
function undone(
  head: Booked,
  { exchange, takenFrom: balance }: StoredDispute,
  conversion: Conversion,
  step: 'hold' | 'won',
): Journal[] {
  if (conversion === undefined || exchange === undefined || balance === undefined) return [];
  const sign = step === 'hold' ? -1n : 1n;
  return [exchangeShareJournal(head, conversion, exchange, { step, balance, sign })];
}

export interface LostFor {
  /** The merchant's, by the pinned plan. */
  fee: bigint;
  conversion: Conversion;
}

/** The channel's fee is the platform's; the merchant pays its own, if the money was the merchant's. */
export function lostJournals(
  dispute: StoredDispute,
  effectiveAt: Date,
  { fee, conversion }: LostFor,
): Journal[] {
  const lost = { ...booked(dispute, effectiveAt), channelFee: dispute.fee };
  if (dispute.takenFrom === undefined) {
    return [disputeLostElsewhereJournal(lost, dispute.fromSuspense)];
  }
  const journal = disputeLostJournal({ ...lost, fee, from: dispute.takenFrom });
  if (conversion === undefined || dispute.exchange === undefined || fee === 0n) return [journal];
  const share = feeShare(conversion, fee);
  return [
    journal,
    exchangeShareJournal(lost, conversion, share, { step: 'fee', balance: 'pending', sign: -1n }),
  ];
}

function booked(dispute: StoredDispute, effectiveAt: Date): Booked {
  return {
    reference: publicId('dispute', dispute.id),
    mode: dispute.mode,
    effectiveAt,
    workflowId: disputeWorkflowId(dispute),
    paymentId: dispute.paymentId,
    disputeId: dispute.id,
    merchantId: dispute.merchantId,
    channelConfigId: dispute.channelConfigId,
    amount: { amount: dispute.amount, currency: dispute.currency },
  };
}
