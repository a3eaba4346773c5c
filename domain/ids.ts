/**
 * Public ids are a prefix and the 32 hex digits of a UUIDv7, so that one seen in a log can be pasted
 * into SQL (`where id = '0193…'`) and sorts by the time it was made. Making one is the caller's: it needs a clock.
 */
export const idPrefixes = {
  payment: 'pay',
  refund: 'ref',
  merchant: 'mer',
  apiKey: 'key',
  event: 'evt',
  webhookEndpoint: 'whe',
  channelConfig: 'chc',
  inbox: 'inb',
  dispute: 'dsp',
  evidence: 'evd',
  feePlan: 'fpl',
  ledgerAccount: 'acc',
  service: 'svc',
  adjustment: 'adj',
  exchangeRate: 'rat',
  exchangeQuote: 'qte',
  rateSource: 'rsc',
  integrationAlert: 'alt',
  integrationCall: 'log',
  customer: 'cus',
  savedMethod: 'pmt',
  message: 'msg',
} as const;

export type IdKind = keyof typeof idPrefixes;

export function publicId(kind: IdKind, uuid: string): string {
  return `${idPrefixes[kind]}_${uuid.replaceAll('-', '')}`;
}

/** When an id was made: a UUIDv7 begins with its time. Undefined for any other. */
export function bornAt(uuid: string): Date | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(uuid);
  return match === null ? undefined : new Date(Number(`0x${match[1]}${match[2]}`));
}

/** The uuid in a public id of this kind, or undefined if the text is not one. */
export function parsePublicId(kind: IdKind, text: string): string | undefined {
  const match = new RegExp(`^${idPrefixes[kind]}_([0-9a-f]{32})$`).exec(text);
  const hex = match?.[1];
  return hex === undefined
    ? undefined
    : `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
