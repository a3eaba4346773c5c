/** A charge that lies in suspense is named by the channel's configuration and the provider's number. */
export interface SuspenseKey {
  channelConfigId: string;
  providerRef: string;
}

const prefix = 'sus_';

/** One word for both, safe in an address. */
export function suspenseId({ channelConfigId, providerRef }: SuspenseKey): string {
  return prefix + channelConfigId.replaceAll('-', '') + toHex(providerRef);
}

export function parseSuspenseId(text: string): SuspenseKey | undefined {
  const match = /^sus_([0-9a-f]{32})((?:[0-9a-f]{2}){1,1020})$/.exec(text);
  const [, id = '', hex = ''] = match ?? [];
  if (match === null) return undefined;
  const providerRef = fromHex(hex);
  // One name for a charge, and no NUL, which no text of the database holds.
  if (providerRef.includes('\0') || toHex(providerRef) !== hex) return undefined;
  const channelConfigId = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  return { channelConfigId, providerRef };
}

function toHex(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(hex: string): string {
  const bytes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
