import { publicId } from '../../domain/ids';
import {
  disputeHoldJournal,
  disputeLostElsewhereJournal,
  disputeLostJournal,
  disputeWonJournal,
  type DisputeBooked,
} from '../../domain/ledger/dispute-journals';
import type { Journal } from '../../domain/ledger/journal';
import type { StoredDispute } from '../../db/stores/disputes-store';
import { disputeWorkflowId } from '../../workflows/contracts';

type Booked = Omit<DisputeBooked, 'from'>;

/** Withheld while it runs; nothing, if the money is not the merchant's. */
export function holdJournals(dispute: StoredDispute, effectiveAt: Date): Journal[] {
  const from = dispute.takenFrom;
  return from === undefined ? [] : [disputeHoldJournal({ ...booked(dispute, effectiveAt), from })];
}

export function wonJournals(dispute: StoredDispute, effectiveAt: Date): Journal[] {
  const from = dispute.takenFrom;
  return from === undefined ? [] : [disputeWonJournal({ ...booked(dispute, effectiveAt), from })];
}

/** The channel's fee for a lost dispute is the platform's, as long as no plan passes it on. */
export function lostJournals(
  dispute: StoredDispute,
  effectiveAt: Date,
  elsewhere: 'suspense' | 'settled',
): Journal[] {
  const lost = { ...booked(dispute, effectiveAt), channelFee: dispute.fee };
  if (dispute.takenFrom !== undefined) return [disputeLostJournal({ ...lost, from: dispute.takenFrom })];
  return [disputeLostElsewhereJournal(lost, elsewhere === 'suspense' ? 'suspense' : 'channel_cost')];
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
