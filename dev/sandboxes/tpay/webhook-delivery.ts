import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookDelivery } from '../parts/webhook-sender';
import type { TpayAccount } from './account';

/** Signed at each delivery with a fresh nonce; only TPay's own words are taken for an answer. */
export function tpayDelivery({ notifyKey }: TpayAccount): WebhookDelivery {
  return {
    headers(body, at) {
      const timestamp = String(Math.floor(at / 1_000));
      const nonce = randomBytes(16).toString('hex');
      const mac = createHmac('sha256', notifyKey).update(`${timestamp}\n${nonce}\n${body}\n`);
      return { 'x-timestamp': timestamp, 'x-nonce': nonce, 'x-signature': mac.digest('base64') };
    },

    isTaken(status, answer) {
      try {
        return status === 200 && (JSON.parse(answer) as { code?: unknown } | null)?.code === '0000';
      } catch {
        return false;
      }
    },
  };
}
