import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TpayAccount } from './account';

export type SignatureProblem = 'SIGN_INVALID' | 'NONCE_USED';

const windowMs = 300_000;
const noncesMax = 200_000;

/** Checks requests by docs/channels/tpay.md, with code of its own; a nonce is good once. */
export function createSignatureCheck({ appId, appSecret }: TpayAccount, now: () => number) {
  const seen = new Map<string, number>();

  return function check(form: URLSearchParams): SignatureProblem | undefined {
    const given = form.get('sign') ?? '';
    const signed = [...form.entries()]
      .filter(([name, value]) => name !== 'sign' && value !== '')
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    const expected = createHmac('sha256', appSecret).update(signed).digest('hex').toUpperCase();
    const isSame =
      given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
    if (form.get('app_id') !== appId || !isSame) return 'SIGN_INVALID';
    return isFresh(form) ? undefined : 'NONCE_USED';
  };

  function isFresh(form: URLSearchParams): boolean {
    const nonce = form.get('nonce') ?? '';
    const isNow = Math.abs(now() - Number(form.get('timestamp')) * 1_000) <= windowMs;
    if (!/^[0-9a-f]{32}$/.test(nonce) || !isNow || seen.has(nonce)) return false;
    forget();
    seen.set(nonce, now());
    return true;
  }

  /** A map keeps the order of insertion: the oldest come first. */
  function forget(): void {
    for (const [nonce, at] of seen) {
      if (seen.size < noncesMax && at + 2 * windowMs > now()) return;
      seen.delete(nonce);
    }
  }
}
