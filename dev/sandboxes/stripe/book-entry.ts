import { refunded, type Intent } from './objects';
import { referenceOf } from './teller';

/** One intent as the fault tests compare it with what the platform believes; amounts in Stripe's units. */
export interface BookEntry {
  reference: string;
  order_id: string;
  status: Intent['status'];
  amount: number;
  currency: string;
  customer: string | null;
  charges: number;
  charged_amount: number;
  refunded_amount: number;
  captures: { key: string; amount: number; effects: number }[];
  refunds: { refund_no: string; amount: number; status: string; effects: number }[];
  disputes: { dispute_id: string; status: string; amount: number; evidence: number; files: number }[];
  pay_path: string;
}

export function bookEntry(intent: Intent): BookEntry {
  return {
    reference: referenceOf(intent),
    order_id: intent.id,
    status: intent.status,
    amount: intent.amount,
    currency: intent.currency,
    customer: intent.customer,
    charges: intent.charges,
    charged_amount: intent.amountReceived,
    refunded_amount: refunded(intent),
    captures: intent.captures.map(({ key, amount, effects }) => ({ key, amount, effects })),
    refunds: intent.refunds.map(({ key, amount, status, effects }) => ({
      refund_no: key,
      amount,
      status,
      effects,
    })),
    disputes: intent.disputes.map(({ id, status, amount, evidence }) => ({
      dispute_id: id,
      status,
      amount,
      evidence: evidence.length,
      files: evidence.filter(({ file }) => file !== null).length,
    })),
    pay_path: `/pay/${intent.clientSecret}`,
  };
}
