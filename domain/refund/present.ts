import { publicId } from '../ids';
import { formatAmount } from '../money/amount';
import type { ChannelError } from '../payment/outcome';
import { suspenseId, type SuspenseKey } from '../suspense/suspense-id';
import type { RefundStatus } from './status';

/** merchant: of the payment's own money. accepted_money: of late money that the merchant was given. */
export type RefundKind = 'merchant' | 'late_money' | 'accepted_money';

/** A refund as merchants see it: the API's answers and the callbacks' bodies are this one shape. */
export interface PublicRefund {
  id: string;
  object: 'refund';
  mode: string;
  merchantId: string;
  paymentId: string;
  refundNo: string | null;
  kind: RefundKind;
  /** Which late money it gives back; null: the payment's own. */
  suspenseId: string | null;
  status: RefundStatus;
  amount: string;
  currency: string;
  reason: string;
  error: ChannelError | null;
  createdAt: string;
  updatedAt: string;
}

export interface PresentableRefund {
  id: string;
  mode: string;
  merchantId: string;
  paymentId: string;
  refundNo?: string;
  kind: RefundKind;
  lateCharge?: SuspenseKey;
  status: RefundStatus;
  amount: bigint;
  currency: string;
  reason: string;
  error?: ChannelError;
  createdAt: Date;
  updatedAt: Date;
}

export function presentRefund(refund: PresentableRefund): PublicRefund {
  return {
    id: publicId('refund', refund.id),
    object: 'refund',
    mode: refund.mode,
    merchantId: publicId('merchant', refund.merchantId),
    paymentId: publicId('payment', refund.paymentId),
    refundNo: refund.refundNo ?? null,
    kind: refund.kind,
    suspenseId: refund.lateCharge === undefined ? null : suspenseId(refund.lateCharge),
    status: refund.status,
    amount: formatAmount(refund.amount, refund.currency),
    currency: refund.currency,
    reason: refund.reason,
    error: refund.error ?? null,
    createdAt: refund.createdAt.toISOString(),
    updatedAt: refund.updatedAt.toISOString(),
  };
}
