import type {
  ChargeQuery,
  ChargeRequest,
  RefundQuery,
  RefundRequest,
} from '../../../../../../integrations/channels/payment-provider';
import type { HttpRequest } from '../../../../../../integrations/http-exchange';
import { unwritten, type Unwritten } from './unwritten';

/** What is asked of NewChannel, before it is signed; pure. The paths and messages of docs/channels/newchannel.md. */
export interface NewchannelRequest {
  method: HttpRequest['method'];
  /** Below the base address, with its query. */
  path: string;
  body?: string;
}

/** To write: `request.reference` is the idempotency key, or at least comes back in answers and webhooks. */
export function createCharge(_request: ChargeRequest): NewchannelRequest | Unwritten {
  return unwritten('the request that starts a charge', 'requests.ts');
}

/** To write: it has to find a charge by our reference alone, `providerRef` is perhaps not known. */
export function getCharge(_query: ChargeQuery): NewchannelRequest | Unwritten {
  return unwritten('the request that asks for a charge', 'requests.ts');
}

export function cancelCharge(_query: ChargeQuery): NewchannelRequest | Unwritten {
  return unwritten('the request that calls a charge off', 'requests.ts');
}

/** To write: `request.reference` is this refund's own, `chargeReference` the charge's. */
export function createRefund(_request: RefundRequest): NewchannelRequest | Unwritten {
  return unwritten('the request that gives money back', 'requests.ts');
}

export function getRefund(_query: RefundQuery): NewchannelRequest | Unwritten {
  return unwritten('the request that asks for a refund', 'requests.ts');
}
