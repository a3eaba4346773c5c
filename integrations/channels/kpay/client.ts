import type { CallFailure, CallOutcome } from '../../call-outcome';
import type { Caller } from '../../call';
import { classifyJson } from '../../http-classification';
import type { HttpClient, HttpRequest } from '../../http-exchange';
import type { CaptureRequest, ChannelCall, EvidenceRequest, RefundRequest } from '../payment-provider';
import type { CreateOrder } from './messages';
import { signRequest } from './signature';
import { captureBody, evidenceBody, refundBody } from './money-requests';
import { kpayErrors, orderBody } from './transformers';

export interface KpayClient {
  createOrder(call: ChannelCall, order: CreateOrder): Promise<CallOutcome<unknown>>;
  getOrder(call: ChannelCall, orderNo: string): Promise<CallOutcome<unknown>>;
  cancelOrder(call: ChannelCall, orderNo: string): Promise<CallOutcome<unknown>>;
  capture(call: ChannelCall, request: CaptureRequest): Promise<CallOutcome<unknown>>;
  refund(call: ChannelCall, request: RefundRequest): Promise<CallOutcome<unknown>>;
  getRefund(call: ChannelCall, orderNo: string, refundNo: string): Promise<CallOutcome<unknown>>;
  fileEvidence(call: ChannelCall, request: EvidenceRequest): Promise<CallOutcome<unknown>>;
}

export interface KpayClientDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

/** Transport only: signs, sends, classifies. What an answer means is said in transformers.ts. */
export function createKpayClient(deps: KpayClientDependencies): KpayClient {
  return {
    createOrder: (call, order) => send(call, 'create', 'POST', '/v1/orders', orderBody(order)),
    getOrder: (call, orderNo) => send(call, 'query', 'GET', orderPath(orderNo)),
    cancelOrder: (call, orderNo) => send(call, 'cancel', 'POST', `${orderPath(orderNo)}/cancel`, '{}'),
    capture: (call, request) =>
      send(call, 'capture', 'POST', `${orderPath(request.chargeReference)}/captures`, captureBody(request)),
    refund: (call, request) =>
      send(call, 'refund', 'POST', `${orderPath(request.chargeReference)}/refunds`, refundBody(request)),
    getRefund: (call, orderNo, refundNo) =>
      send(call, 'query_refund', 'GET', `${orderPath(orderNo)}/refunds/${encodeURIComponent(refundNo)}`),
    fileEvidence: (call, request) =>
      send(
        call,
        'evidence',
        'POST',
        `/v1/disputes/${encodeURIComponent(request.disputeRef)}/evidence`,
        evidenceBody(request),
      ),
  };

  function send(
    call: ChannelCall,
    operation: string,
    method: HttpRequest['method'],
    path: string,
    body?: string,
  ): Promise<CallOutcome<unknown>> {
    const context = {
      service: 'kpay',
      instance: call.config.id,
      operation,
      timeoutMs: call.timeoutMs,
      correlationId: call.correlationId,
    };
    return deps.caller.call(context, async (deadline) => {
      const request = signed(call, method, path, body);
      if ('kind' in request) return request;
      return classifyJson(await deps.http.exchange(request, deadline), kpayErrors);
    });
  }

  function signed(
    { config, correlationId }: ChannelCall,
    method: HttpRequest['method'],
    path: string,
    body = '',
  ): HttpRequest | CallFailure {
    const { merchantId, apiSecret } = config.credentials;
    const base = URL.canParse(config.baseUrl) ? new URL(config.baseUrl) : undefined;
    if (!merchantId || !apiSecret || base === undefined) {
      const message = 'KPay wants a base address and the credentials merchantId and apiSecret.';
      return { kind: 'misconfigured', code: 'channel_misconfigured', message };
    }
    const timestamp = Math.floor(deps.now().getTime() / 1_000);
    const fullPath = base.pathname.replace(/\/$/, '') + path;
    return {
      method,
      origin: base.origin,
      path: fullPath,
      headers: {
        'content-type': 'application/json',
        'x-kpay-merchant': merchantId,
        'x-kpay-timestamp': String(timestamp),
        'x-signature': signRequest(apiSecret, { timestamp, method, path: fullPath, body }),
        'x-request-id': correlationId,
      },
      ...(body === '' ? {} : { body }),
    };
  }
}

function orderPath(orderNo: string): string {
  return `/v1/orders/${encodeURIComponent(orderNo)}`;
}
