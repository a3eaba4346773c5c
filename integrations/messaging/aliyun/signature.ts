import { createHash, createHmac } from 'node:crypto';

const algorithm = 'ACS3-HMAC-SHA256';
/** Of an empty body: all that is asked stands in the query. */
const emptyBodyHash = createHash('sha256').update('').digest('hex');

export interface UnsignedRequest {
  host: string;
  action: string;
  version: string;
  query: Readonly<Record<string, string>>;
  at: Date;
  nonce: string;
}

export interface AccessKey {
  accessKeyId: string;
  accessKeySecret: string;
}

/**
 * Alibaba Cloud's signature V3 for an operation of the RPC kind. Written here because the vendor's SDK sends requests
 * by itself, and can't tell "not sent" from "no answer".
 */
export function signRequest(key: AccessKey, request: UnsignedRequest) {
  const query = canonicalQuery(request.query);
  const signed: Record<string, string> = {
    host: request.host,
    'x-acs-action': request.action,
    'x-acs-content-sha256': emptyBodyHash,
    'x-acs-date': request.at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    'x-acs-signature-nonce': request.nonce,
    'x-acs-version': request.version,
  };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join('');
  const canonical = ['POST', '/', query, lines, names.join(';'), emptyBodyHash].join('\n');
  const toSign = `${algorithm}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', key.accessKeySecret).update(toSign).digest('hex');
  const authorization =
    `${algorithm} Credential=${key.accessKeyId},` + `SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { query, headers: { ...signed, Authorization: authorization } };
}

/** Sorted by name, encoded as RFC 3986 has it. */
function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${encode(name)}=${encode(query[name] ?? '')}`)
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
