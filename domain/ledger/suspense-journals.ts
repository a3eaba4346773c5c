import { merchantAccount, channelReceivable, platformAccount } from './account';
import { journal, stepReference, transfer, type Journal } from './journal';
import type { ChargeBooked } from './payment-journals';

/** Money that came when its payment could no longer take it. The reference is that of the attempt that charged it. */
export type LateMoney = Omit<ChargeBooked, 'fee' | 'merchantId' | 'channelCost'>;

/** It is with the channel and belongs to nobody yet. */
export function suspenseInJournal(late: LateMoney): Journal {
  const { paymentId, channelConfigId, amount, ...head } = late;
  return journal(head, {
    kind: 'suspense_in',
    links: { paymentId },
    postings: transfer(
      channelReceivable(head.mode, channelConfigId, amount.currency),
      platformAccount(head.mode, 'suspense', amount.currency),
      amount.amount,
    ),
  });
}

/** The merchant takes it after all, with the fee and cost of any payment. */
export function suspenseAcceptedJournal(accepted: ChargeBooked): Journal {
  const { paymentId, merchantId, channelConfigId, amount, fee = 0n, channelCost = 0n, ...head } = accepted;
  const { mode } = head;
  const { currency } = amount;
  const pending = merchantAccount(mode, merchantId, 'pending', currency);
  return journal(
    { ...head, reference: stepReference(head.reference, 'accepted') },
    {
      kind: 'suspense_accepted',
      links: { paymentId },
      postings: [
        ...transfer(platformAccount(mode, 'suspense', currency), pending, amount.amount),
        ...transfer(pending, platformAccount(mode, 'fee_income', currency), fee),
        ...transfer(
          platformAccount(mode, 'channel_cost', currency),
          channelReceivable(mode, channelConfigId, currency),
          channelCost,
        ),
      ],
    },
  );
}

export interface LateMoneyReturned extends LateMoney {
  refundId?: string;
  channelCost?: bigint;
}

/** It went back to the customer. */
export function suspenseRefundedJournal(returned: LateMoneyReturned): Journal {
  const { paymentId, refundId, channelConfigId, amount, channelCost = 0n, ...head } = returned;
  const { mode } = head;
  const { currency } = amount;
  const receivable = channelReceivable(mode, channelConfigId, currency);
  return journal(
    { ...head, reference: stepReference(head.reference, 'returned') },
    {
      kind: 'suspense_refunded',
      links: refundId === undefined ? { paymentId } : { paymentId, refundId },
      postings: [
        ...transfer(platformAccount(mode, 'suspense', currency), receivable, amount.amount),
        ...transfer(platformAccount(mode, 'channel_cost', currency), receivable, channelCost),
      ],
    },
  );
}
