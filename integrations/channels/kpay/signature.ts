import { createHmac, timingSafeEqual } from 'node:crypto';

/** docs/channels/kpay.md, "Signing requests" and "Webhooks". */

export function signRequest(
  apiSecret: string,
  request: { timestamp: number; method: string; path: string; body: string },
): string {
  const { timestamp, method, path, body } = request;
  return `v1=${hmac(apiSecret, `${timestamp}.${method}.${path}.${body}`).toString('hex')}`;
}

export interface WebhookSignature {
  timestamp: number;
  signatures: Buffer[];
}

/** A header with more signatures than a rotation needs is somebody trying them out. */
const signaturesMax = 4;

/** `t=1767225731,v1=<hex>[,v1=<hex>]`, or undefined if it does not read so. Parts of other names are left to the future. */
export function parseWebhookSignature(header: string): WebhookSignature | undefined {
  if (header.length > 1_024) return undefined;
  let timestamp: number | undefined;
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === 't') {
      if (timestamp !== undefined || !/^[0-9]{1,12}$/.test(value)) return undefined;
      timestamp = Number(value);
    }
    if (name === 'v1') {
      if (!/^[0-9a-f]{64}$/.test(value)) return undefined;
      signatures.push(Buffer.from(value, 'hex'));
    }
  }
  if (timestamp === undefined || signatures.length === 0 || signatures.length > signaturesMax)
    return undefined;
  return { timestamp, signatures };
}

/** Tries every pair and stops at none, so that the time taken tells nothing about which one was near. */
export function isSignedBy(secrets: readonly string[], signature: WebhookSignature, body: Buffer): boolean {
  let matches = 0;
  for (const secret of secrets) {
    const expected = hmac(secret, `${signature.timestamp}.`, body);
    for (const given of signature.signatures) matches += timingSafeEqual(expected, given) ? 1 : 0;
  }
  return matches > 0;
}

function hmac(secret: string, ...parts: (string | Buffer)[]): Buffer {
  const hash = createHmac('sha256', secret);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
