import { createHmac } from 'node:crypto';
import type { WebhookDelivery } from '../parts/webhook-sender';
import type { KpayAccount } from './account';

/** Signed at each delivery; any 2xx is taken for an answer. */
export function kpayDelivery({ webhookSecret }: KpayAccount): WebhookDelivery {
  return {
    headers(body, at) {
      const timestamp = Math.floor(at / 1_000);
      const mac = createHmac('sha256', webhookSecret).update(`${timestamp}.${body}`).digest('hex');
      return { 'x-signature': `t=${timestamp},v1=${mac}` };
    },
    isTaken: (status) => status >= 200 && status < 300,
  };
}
