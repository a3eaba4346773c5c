import type { Caller } from '../../../../../../integrations/call';
import type { CallFailure, CallOutcome } from '../../../../../../integrations/call-outcome';
import type {
  ChannelCall,
  ChargeQuery,
  ChargeRequest,
  RefundQuery,
  RefundRequest,
} from '../../../../../../integrations/channels/payment-provider';
import { classifyJson } from '../../../../../../integrations/http-classification';
import type { HttpClient, HttpRequest } from '../../../../../../integrations/http-exchange';
import { newchannelErrors } from './errors';
import {
  cancelCharge,
  createCharge,
  createRefund,
  getCharge,
  getRefund,
  type NewchannelRequest,
} from './requests';
import { signRequest } from './signature';
import type { Unwritten } from './unwritten';

export interface NewchannelClient {
  createCharge(call: ChannelCall, request: ChargeRequest): Promise<CallOutcome<unknown>>;
  getCharge(call: ChannelCall, query: ChargeQuery): Promise<CallOutcome<unknown>>;
  cancelCharge(call: ChannelCall, query: ChargeQuery): Promise<CallOutcome<unknown>>;
  createRefund(call: ChannelCall, request: RefundRequest): Promise<CallOutcome<unknown>>;
  getRefund(call: ChannelCall, query: RefundQuery): Promise<CallOutcome<unknown>>;
}

export interface NewchannelClientDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

/** Transport only: signs, sends, classifies. What an answer means is said in transformers.ts and refunds.ts. */
export function createNewchannelClient(deps: NewchannelClientDependencies): NewchannelClient {
  return {
    createCharge: (call, request) => send(call, 'create', createCharge(request)),
    getCharge: (call, query) => send(call, 'query', getCharge(query)),
    cancelCharge: (call, query) => send(call, 'cancel', cancelCharge(query)),
    createRefund: (call, request) => send(call, 'refund', createRefund(request)),
    getRefund: (call, query) => send(call, 'query_refund', getRefund(query)),
  };

  function send(
    call: ChannelCall,
    operation: string,
    request: NewchannelRequest | Unwritten,
  ): Promise<CallOutcome<unknown>> {
    if ('kind' in request) return Promise.resolve(request);
    const context = {
      service: 'newchannel',
      instance: call.config.id,
      operation,
      timeoutMs: call.timeoutMs,
      correlationId: call.correlationId,
    };
    return deps.caller.call(context, async (deadline) => {
      const toSend = signed(call, request);
      if ('kind' in toSend) return toSend;
      return classifyJson(await deps.http.exchange(toSend, deadline), newchannelErrors);
    });
  }

  function signed(
    { config, correlationId }: ChannelCall,
    request: NewchannelRequest,
  ): HttpRequest | CallFailure {
    const { apiSecret } = config.credentials;
    const base = URL.canParse(config.baseUrl) ? new URL(config.baseUrl) : undefined;
    if (!apiSecret || base === undefined) {
      const message = 'NewChannel wants a base address and the credential apiSecret.';
      return { kind: 'misconfigured', code: 'channel_misconfigured', message };
    }
    const path = base.pathname.replace(/\/$/, '') + request.path;
    const signature = signRequest(apiSecret, { ...request, path }, deps.now());
    if ('kind' in signature) return signature;
    return {
      method: request.method,
      origin: base.origin,
      path,
      headers: { 'content-type': 'application/json', 'x-request-id': correlationId, ...signature.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
    };
  }
}
