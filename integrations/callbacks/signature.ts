import { createHmac } from 'node:crypto';

export const signatureHeader = 'Durapay-Signature';

/**
 * `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">[,v1=…]`: one `v1` for each secret that is valid now, so
 * that a merchant who still has the previous one, and one who already has the new one, both can verify.
 */
export function signCallback(body: string, secrets: readonly string[], at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest('hex')}`,
  );
  return [`t=${seconds}`, ...signatures].join(',');
}
