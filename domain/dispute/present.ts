import { publicId } from '../ids';
import { formatAmount } from '../money/amount';
import { disputeFunds, type DisputeFunds, type DisputeStatus } from './status';

/** A dispute as merchants see it, in answers and in callbacks. */
export interface PublicDispute {
  id: string;
  object: 'dispute';
  mode: 'live' | 'test';
  merchantId: string;
  paymentId: string;
  channel: string;
  /** The channel's number of it. */
  channelReference: string;
  status: DisputeStatus;
  amount: string;
  currency: string;
  /** What it does to the merchant's balance. */
  funds: DisputeFunds;
  reasonCode: string;
  evidenceDueAt: string | null;
  evidenceSentAt: string | null;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
}

export interface ShownDispute {
  id: string;
  mode: 'live' | 'test';
  merchantId: string;
  paymentId: string;
  channel: string;
  providerRef: string;
  status: DisputeStatus;
  amount: bigint;
  currency: string;
  /** Undefined: the disputed money is not the merchant's. */
  takenFrom?: 'pending' | 'available';
  reasonCode: string;
  evidenceDueAt?: Date;
  evidenceSentAt?: Date;
  createdAt: Date;
  updatedAt: Date;
  finishedAt?: Date;
}

export function presentDispute(dispute: ShownDispute): PublicDispute {
  return {
    id: publicId('dispute', dispute.id),
    object: 'dispute',
    mode: dispute.mode,
    merchantId: publicId('merchant', dispute.merchantId),
    paymentId: publicId('payment', dispute.paymentId),
    channel: dispute.channel,
    channelReference: dispute.providerRef,
    status: dispute.status,
    amount: formatAmount(dispute.amount, dispute.currency),
    currency: dispute.currency,
    funds: disputeFunds(dispute),
    reasonCode: dispute.reasonCode,
    evidenceDueAt: dispute.evidenceDueAt?.toISOString() ?? null,
    evidenceSentAt: dispute.evidenceSentAt?.toISOString() ?? null,
    createdAt: dispute.createdAt.toISOString(),
    updatedAt: dispute.updatedAt.toISOString(),
    finishedAt: dispute.finishedAt?.toISOString() ?? null,
  };
}
