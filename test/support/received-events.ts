import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { signedBy, type KpayEvent } from './kpay-event';
import type { PaymentBody, Platform } from './platform';
import { until } from './until';

export interface ReceivedBody {
  id: string;
  status: string;
  reason: string | null;
  about: string | null;
  says: string | null;
  reference: string | null;
  providerEventId: string;
}

/** What tests about the news of a channel do with a platform again and again. */
export function receivedOn(platform: Platform) {
  async function of({ id }: PaymentBody, status: string): Promise<ReceivedBody[]> {
    const path = `/api/v1/webhooks/received?payment=${id}&status=${status}`;
    const { body } = await platform.call('GET', path, { key: platform.operatorKey });
    return (body as { data: ReceivedBody[] }).data;
  }

  return {
    of,
    /** An event that is signed by KPay, whatever it says. */
    async tell(event: KpayEvent): Promise<void> {
      const raw = JSON.stringify(event);
      const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
      const reply = await platform.call('POST', platform.webhookPath, { raw, headers });
      if (reply.status !== 200) throw new Error(`told: ${reply.status} ${reply.text}`);
    },
    setAside: (payment: PaymentBody, count = 1): Promise<ReceivedBody[]> =>
      until(`${count} set aside`, async () => {
        const found = await of(payment, 'set_aside');
        return found.length === count && found;
      }),
    /** How it was settled, of an event that the payment may not be known of. */
    settled: (providerEventId: string): Promise<string> =>
      until(`${providerEventId} is settled`, async () => {
        const { rows } = await platform.database.query<{ status: string }>(
          'select status from webhook_inbox where provider_event_id = $1',
          [providerEventId],
        );
        const [row] = rows;
        return row !== undefined && row.status !== 'received' && row.status;
      }),
  };
}
