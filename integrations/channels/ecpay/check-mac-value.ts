import { createHash, timingSafeEqual } from 'node:crypto';

/** docs/channels/ecpay.md, "CheckMacValue". */

export interface HashKeys {
  hashKey: string;
  hashIv: string;
}

/**
 * The way .NET's HttpUtility.UrlEncode writes a text, in lower case: a space becomes `+`, and `- _ . ! * ( )` stay as
 * they are. JavaScript's own encoding differs in the space, the apostrophe and the tilde.
 */
export function dotNetEncoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replaceAll('%20', '+')
    .replaceAll("'", '%27')
    .replaceAll('~', '%7e')
    .toLowerCase();
}

/** Over every parameter but itself, by name without regard to case, between key and IV. */
export function checkMacValue({ hashKey, hashIv }: HashKeys, parameters: Iterable<[string, string]>): string {
  const signed = [...parameters]
    .filter(([name]) => name !== 'CheckMacValue')
    .sort(([left], [right]) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const text = dotNetEncoded(`HashKey=${hashKey}${signed === '' ? '' : `&${signed}`}&HashIV=${hashIv}`);
  return createHash('sha256').update(text).digest('hex').toUpperCase();
}

/** Tries every pair and stops at none, so that the time taken tells nothing about which one was near. */
export function isSignedBy(pairs: readonly HashKeys[], parameters: ReadonlyMap<string, string>): boolean {
  const given = parameters.get('CheckMacValue') ?? '';
  if (!/^[0-9A-F]{64}$/.test(given) || !readsInOneWay(parameters)) return false;
  let matches = 0;
  for (const pair of pairs) {
    const expected = Buffer.from(checkMacValue(pair, parameters));
    matches += timingSafeEqual(expected, Buffer.from(given)) ? 1 : 0;
  }
  return matches > 0;
}

/** The code stands for the joined text alone: whoever has one text signed could cut it into other fields. */
function readsInOneWay(parameters: ReadonlyMap<string, string>): boolean {
  return [...parameters].every(([name, value]) => !/[&=]/.test(name) && !value.includes('&'));
}
