import type { RawWebhook } from '../../../../../../integrations/channels/payment-provider';
import type { NewchannelRequest } from './requests';
import { unwritten, type Unwritten } from './unwritten';

/** docs/channels/newchannel.md, "Signing requests" and "Webhooks". */

/** To write: the headers that prove a request ours. */
export function signRequest(
  _apiSecret: string,
  _request: NewchannelRequest,
  _at: Date,
): { headers: Record<string, string> } | Unwritten {
  return unwritten('how a request is signed', 'signature.ts');
}

export interface WebhookSignature {
  kind: 'signature';
  signedAt: Date;
  /** Over the body as it came; compare with `timingSafeEqual`. */
  isBy(secret: string): boolean;
}

/** To write: the signature in the headers; `forged` if there is none, `malformed` if it does not read as one. */
export function readSignature(
  _webhook: RawWebhook,
): WebhookSignature | { kind: 'forged' | 'malformed'; reason: string } {
  return { kind: 'forged', reason: unwritten('how a webhook is signed', 'signature.ts').message };
}
