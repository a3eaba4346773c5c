import { randomBytes } from 'node:crypto';
import type { Caller } from '../../call';
import type { CallFailure, CallOutcome } from '../../call-outcome';
import type { HttpClient, HttpRequest } from '../../http-exchange';
import type { ChannelCall } from '../payment-provider';
import { classifyTpay } from './classification';
import { signParameters } from './signature';

export type TpayService = 'trade/create' | 'trade/query' | 'trade/close' | 'refund/create' | 'refund/query';

/** Transport only: signs, sends, classifies. What an answer means is said in transformers.ts and refunds.ts. */
export interface TpayClient {
  ask(
    call: ChannelCall,
    service: TpayService,
    parameters: Readonly<Record<string, string>>,
  ): Promise<CallOutcome<unknown>>;
}

export interface TpayClientDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

export function createTpayClient(deps: TpayClientDependencies): TpayClient {
  return {
    ask(call, service, parameters) {
      const context = {
        service: 'tpay',
        instance: call.config.id,
        operation: service.replace('/', '_'),
        timeoutMs: call.timeoutMs,
        correlationId: call.correlationId,
      };
      return deps.caller.call(context, async (deadline) => {
        const request = signed(call, service, parameters);
        if ('kind' in request) return request;
        return classifyTpay(await deps.http.exchange(request, deadline));
      });
    },
  };

  function signed(
    { config, correlationId }: ChannelCall,
    service: TpayService,
    parameters: Readonly<Record<string, string>>,
  ): HttpRequest | CallFailure {
    const { appId, appSecret } = config.credentials;
    const base = URL.canParse(config.baseUrl) ? new URL(config.baseUrl) : undefined;
    if (!appId || !appSecret || base === undefined) {
      const message = 'TPay wants a base address and the credentials appId and appSecret.';
      return { kind: 'misconfigured', code: 'channel_misconfigured', message };
    }
    const form: Record<string, string> = {
      ...parameters,
      app_id: appId,
      nonce: randomBytes(16).toString('hex'),
      timestamp: String(Math.floor(deps.now().getTime() / 1_000)),
    };
    form['sign'] = signParameters(appSecret, form);
    return {
      method: 'POST',
      origin: base.origin,
      path: `${base.pathname.replace(/\/$/, '')}/gateway/${service}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-request-id': correlationId },
      body: new URLSearchParams(form).toString(),
    };
  }
}
