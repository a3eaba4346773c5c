import { createHash, createHmac } from 'node:crypto';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';

export interface KpayEvent {
  id: string;
  type: string;
  created_at: string;
  data: { order: Record<string, unknown>; refund: Record<string, unknown> | null };
}

/** An event as KPay words it: that an order was paid, unless something else is said. */
export function kpayEvent(
  reference: string,
  order: Record<string, unknown> = {},
  over: Partial<KpayEvent> = {},
): KpayEvent {
  const id = createHash('sha256').update(reference).digest('hex').slice(0, 24);
  const now = new Date().toISOString();
  return {
    id: `evt_${id}`,
    type: 'payment.paid',
    created_at: now,
    data: {
      order: {
        order_id: `ko_${id}`,
        merchant_id: kpaySandboxAccount.merchantId,
        merchant_order_no: reference,
        status: 'paid',
        amount: 10_050,
        currency: 'USD',
        refunded_amount: 0,
        checkout_url: null,
        failure_code: null,
        created_at: now,
        expires_at: now,
        paid_at: now,
        ...order,
      },
      refund: null,
    },
    ...over,
  };
}

/** What KPay tells of a refund of 20.00 USD: that it failed, unless something else is said. */
export function kpayRefundEvent(
  reference: string,
  refundId: string,
  status: 'failed' | 'succeeded' | 'pending' = 'failed',
  over: Record<string, unknown> = {},
): KpayEvent {
  const { created_at, data } = kpayEvent(reference);
  const refund = {
    ...{ refund_id: `kr_${refundId}`, refund_no: refundId, merchant_order_no: reference, status },
    ...{ amount: 2_000, currency: 'USD', created_at },
    failure_code: status === 'failed' ? 'account_closed' : null,
    ...over,
  };
  // A refund that is pending is told of by no type of its own.
  const type = status === 'pending' ? 'refund.succeeded' : `refund.${status}`;
  return { id: `evt_${refundId}_${status}`, type, created_at, data: { ...data, refund } };
}

export function signedBy(secret: string, raw: string, at = new Date()): Record<string, string> {
  const seconds = Math.floor(at.getTime() / 1_000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${raw}`).digest('hex');
  return { 'x-signature': `t=${seconds},v1=${mac}` };
}
