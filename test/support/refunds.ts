import type { Platform, PaymentBody } from './platform';
import type { Reply } from './api';
import { merchantBalances, type MerchantBalances } from '../../db/stores/ledger-balances';
import { until } from './until';

export interface RefundBody {
  id: string;
  paymentId: string;
  status: string;
  amount: string;
  kind: string;
  error: { code: string; message: string } | null;
}

/** What tests about refunds do with a platform again and again. */
export function refundsOn(platform: Platform) {
  const key = platform.merchant.apiKey;
  async function read(refundId: string): Promise<RefundBody> {
    const reply = await platform.call('GET', `/api/v1/refunds/${refundId}`, { key });
    if (reply.status !== 200) throw new Error(`refund ${refundId}: ${reply.status} ${reply.text}`);
    return reply.body as RefundBody;
  }
  return {
    read,
    ask: (body: Record<string, unknown>, headers?: Record<string, string>): Promise<Reply> =>
      platform.call('POST', '/api/v1/refunds', { key, body, headers }),
    waitFor: (refundId: string, status: string, timeoutMs?: number): Promise<RefundBody> =>
      until(
        `${refundId} is ${status}`,
        async () => {
          const refund = await read(refundId);
          return refund.status === status && refund;
        },
        timeoutMs,
      ),
    async paidPayment(body?: Record<string, unknown>): Promise<PaymentBody> {
      const payment = await platform.openPayment(body);
      await platform.checkout(payment, 'pay');
      return platform.waitForStatus(payment.id, 'succeeded');
    },
    balances: (currency = 'USD'): Promise<MerchantBalances> =>
      merchantBalances(platform.database, platform.merchant.id, 'test', currency),
    /** Journals of a refund, by kind, in the order of their writing. */
    async journalsOf(refundId: string): Promise<string[]> {
      const { rows } = await platform.database.query<{ kind: string }>(
        'select kind from ledger_journals where refund_id = $1 order by recorded_at',
        [refundId.slice(4)],
      );
      return rows.map(({ kind }) => kind);
    },
  };
}
