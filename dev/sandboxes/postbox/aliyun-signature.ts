import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PostboxAccounts } from './account';

const ageMsMax = 15 * 60_000;
const noncesMax = 100_000;

/** Signature V3 as the gateway checks it: says the code of what is wrong. Every nonce is good for once. */
export function createSignatureCheck({ aliyun }: PostboxAccounts, now: () => number) {
  const nonces = new Set<string>();

  return function check(request: IncomingMessage, url: URL, body: string): string | undefined {
    const authorization =
      /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
        request.headers.authorization ?? '',
      );
    if (authorization === null) return 'IncompleteSignature';
    const [, keyId, signedHeaders = '', signature] = authorization;
    if (keyId !== aliyun.accessKeyId) return 'InvalidAccessKeyId.NotFound';
    const header = (name: string) => String(request.headers[name] ?? '');
    const bodyHash = createHash('sha256').update(body).digest('hex');
    if (header('x-acs-content-sha256') !== bodyHash) return 'SignatureDoesNotMatch';
    if (!(Math.abs(now() - Date.parse(header('x-acs-date'))) <= ageMsMax)) return 'InvalidTimeStamp.Expired';
    const canonical = [
      request.method,
      url.pathname,
      // It was sent sorted and encoded; what was not is another text, and another signature.
      url.search.slice(1).split('&').sort().join('&'),
      ...signedHeaders.split(';').map((name) => `${name}:${header(name).trim()}`),
      '',
      signedHeaders,
      bodyHash,
    ].join('\n');
    const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
    const expected = createHmac('sha256', aliyun.accessKeySecret).update(toSign).digest('hex');
    if (expected !== signature) return 'SignatureDoesNotMatch';
    return nonces.has(header('x-acs-signature-nonce'))
      ? 'SignatureNonceUsed'
      : void remember(header('x-acs-signature-nonce'));
  };

  function remember(nonce: string): void {
    if (nonces.size >= noncesMax) nonces.clear();
    nonces.add(nonce);
  }
}
