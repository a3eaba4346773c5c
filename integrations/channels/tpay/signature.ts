import { createHmac, timingSafeEqual } from 'node:crypto';

/** docs/channels/tpay.md, "Signing requests" and "Webhooks". */

/** Over the parameters that say something, by name: the order in which they are sent does not matter. */
export function signParameters(appSecret: string, parameters: Readonly<Record<string, string>>): string {
  const signed = Object.entries(parameters)
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return createHmac('sha256', appSecret).update(signed).digest('hex').toUpperCase();
}

export interface NotificationSignature {
  timestamp: string;
  nonce: string;
  signature: Buffer;
}

/** Undefined if one of the three headers does not read as TPay writes it. */
export function parseNotificationSignature(
  headers: Readonly<Record<string, string | undefined>>,
): NotificationSignature | undefined {
  const timestamp = headers['x-timestamp'] ?? '';
  const nonce = headers['x-nonce'] ?? '';
  const signature = headers['x-signature'] ?? '';
  const reads =
    /^[0-9]{1,12}$/.test(timestamp) && /^[0-9a-f]{32}$/.test(nonce) && /^[A-Za-z0-9+/]{43}=$/.test(signature);
  return reads ? { timestamp, nonce, signature: Buffer.from(signature, 'base64') } : undefined;
}

/** Tries every key and stops at none, so that the time taken tells nothing about which one was near. */
export function isSignedBy(keys: readonly string[], given: NotificationSignature, body: Buffer): boolean {
  let matches = 0;
  for (const key of keys) {
    const mac = createHmac('sha256', key).update(`${given.timestamp}\n${given.nonce}\n`);
    const expected = mac.update(body).update('\n').digest();
    matches += timingSafeEqual(expected, given.signature) ? 1 : 0;
  }
  return matches > 0;
}
