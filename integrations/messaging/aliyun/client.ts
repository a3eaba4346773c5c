import { randomUUID } from 'node:crypto';
import type { Caller } from '../../call';
import type { CallOutcome } from '../../call-outcome';
import type { HttpClient } from '../../http-exchange';
import { contextOf } from '../../services/call-context';
import type { ServiceCall } from '../../services/service-adapter';
import { baseAddress } from '../base-address';
import { classifyAliyun } from './classification';
import type { AliyunConfiguration } from './configuration';
import { signRequest } from './signature';

export const apiVersion = '2017-05-25';

export interface AliyunDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

export type AliyunCall = ServiceCall<AliyunConfiguration>;
type Action = 'SendSms' | 'QuerySendDetails' | 'GetSmsTemplate';

const operations: Record<Action, string> = {
  SendSms: 'send',
  QuerySendDetails: 'query',
  GetSmsTemplate: 'test',
};

/** Transport only: signs, sends, classifies. What an answer means is said in transformers.ts. */
export interface AliyunClient {
  ask(
    call: AliyunCall,
    action: Action,
    query: Readonly<Record<string, string>>,
  ): Promise<CallOutcome<unknown>>;
}

export function createAliyunClient({ caller, http, now }: AliyunDependencies): AliyunClient {
  return {
    ask(call, action, asked) {
      const { configurations } = call.service;
      return caller.call(contextOf(call, operations[action]), async (deadline) => {
        const { origin, path } = baseAddress(configurations.baseUrl);
        const { query, headers } = signRequest(configurations, {
          host: new URL(origin).host,
          action,
          version: apiVersion,
          query: asked,
          at: now(),
          nonce: randomUUID(),
        });
        const request = { method: 'POST', origin, path: `${path}/?${query}`, headers } as const;
        return classifyAliyun(await http.exchange(request, deadline));
      });
    },
  };
}
