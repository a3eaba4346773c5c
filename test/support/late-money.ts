import type { Reply } from './api';
import type { PaymentBody, Platform } from './platform';
import { until } from './until';

interface Held {
  id: string;
  paymentId: string;
  amount: string;
  lostAmount: string;
}

/** What tests about money without a place do with a platform again and again. */
export function lateMoneyOn(platform: Platform) {
  const key = platform.merchant.apiKey;

  const inSuspense = (payment: PaymentBody, status: 'open' | 'resolved'): Promise<Held> =>
    until(`its money in suspense is ${status}`, async () => {
      const path = `/api/v1/admin/suspense?status=${status}&limit=100`;
      const { body } = await platform.call('GET', path, { key: platform.operatorKey });
      return (body as { data: Held[] }).data.find(({ paymentId }) => paymentId === payment.id);
    });

  const decide = (suspenseId: string, decision: 'accept' | 'refund'): Promise<Reply> =>
    platform.call('POST', `/api/v1/admin/suspense/${suspenseId}/decide`, {
      key: platform.operatorKey,
      body: { decision, reason: 'the customer wrote to us' },
    });

  return {
    inSuspense,
    decide,
    /** The customer pays on a page that should have been closed. */
    async paidLate(): Promise<PaymentBody> {
      platform.sandbox.addFault({ kind: 'allow_late_payment' });
      const payment = await platform.openPayment();
      const path = `/api/v1/payments/${payment.id}/cancel`;
      const { status, text } = await platform.call('POST', path, { key, body: {} });
      if (status !== 200) throw new Error(`cancel: ${status} ${text}`);
      await platform.checkout(payment, 'pay');
      return payment;
    },
    /** The customer pays on a second page, and then on the first one as well: the first attempt's money has no place. */
    async paidTwice(): Promise<PaymentBody> {
      platform.sandbox.addFault({ kind: 'allow_late_payment' });
      const payment = await platform.openPayment();
      const path = `/api/v1/payments/${payment.id}/attempts`;
      const second = await platform.call('POST', path, { key, body: { provider: 'kpay' } });
      await platform.checkout(second.body as PaymentBody, 'pay');
      await platform.waitForStatus(payment.id, 'succeeded');
      await platform.checkout(payment, 'pay');
      return payment;
    },
    /** Decided, and carried out; by what it is named. */
    async decided(payment: PaymentBody, decision: 'accept' | 'refund'): Promise<string> {
      const { id } = await inSuspense(payment, 'open');
      const { status, text } = await decide(id, decision);
      if (status !== 200) throw new Error(`decide: ${status} ${text}`);
      await inSuspense(payment, 'resolved');
      return id;
    },
  };
}
