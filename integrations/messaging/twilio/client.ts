import type TwilioRequests from 'twilio/lib/base/RequestClient';
import type Twilio from 'twilio/lib/rest/Twilio';
import type { Caller } from '../../call';
import type { CallOutcome } from '../../call-outcome';
import type { Deadline } from '../../deadline';
import { classifyJson, type ProviderErrors } from '../../http-classification';
import type { HttpClient, HttpExchange } from '../../http-exchange';
import { contextOf } from '../../services/call-context';
import type { ServiceCall } from '../../services/service-adapter';
import { baseAddress } from '../base-address';
import { throughSdk } from '../through-sdk';
import type { TwilioConfiguration } from './configuration';
import { refusalSchema } from './messages';

export interface TwilioDependencies {
  caller: Caller;
  http: HttpClient;
}

export type TwilioCall = ServiceCall<TwilioConfiguration>;

/** Transport only: the SDK makes requests, the house's pipeline sends them. The value is Twilio's own JSON. */
export interface TwilioClient {
  ask(
    call: TwilioCall,
    operation: string,
    ask: (twilio: Twilio) => Promise<unknown>,
  ): Promise<CallOutcome<unknown>>;
}

const errors: ProviderErrors = {
  codeOf: (body) => {
    const code = refusalSchema.safeParse(body).data?.code;
    return code === undefined ? undefined : String(code);
  },
  // The sender's queue is full.
  notProcessed: ['30001'],
};

export function createTwilioClient({ caller, http }: TwilioDependencies): TwilioClient {
  return {
    ask(call, operation, ask) {
      const { accountSid, authToken, baseUrl } = call.service.configurations;
      return caller.call(contextOf(call, operation), async (deadline) => {
        // Twenty megabytes of it, so only when there is something to send, and of that only the client. With its ending,
        // for not every loader that this runs under guesses one.
        const { default: Client } = await import('twilio/lib/rest/Twilio.js');
        return throughSdk<unknown>((hear) => {
          const httpClient = transport(async (request) =>
            hear(classifyJson(await exchange(baseUrl, request, deadline), errors)),
          );
          return ask(new Client(accountSid, authToken, { httpClient }));
        });
      });
    },
  };

  function exchange(
    baseUrl: string,
    { method, uri, username = '', password = '', headers, params, data }: TwilioRequests.RequestOptions,
    deadline: Deadline,
  ): Promise<HttpExchange> {
    const { origin, path } = baseAddress(baseUrl);
    const query = form(params).toString();
    const credentials = Buffer.from(`${username}:${password}`).toString('base64');
    return http.exchange(
      {
        method: method === 'post' ? 'POST' : 'GET',
        origin,
        path: `${path}${new URL(uri).pathname}${query === '' ? '' : `?${query}`}`,
        headers: { ...(headers as Record<string, string>), Authorization: `Basic ${credentials}` },
        ...(method === 'post' ? { body: form(data as object).toString() } : {}),
      },
      deadline,
    );
  }
}

/** All that the SDK wants of an HTTP client is this one function. */
function transport(send: (request: TwilioRequests.RequestOptions) => Promise<unknown>): TwilioRequests {
  const request = async (options: TwilioRequests.RequestOptions) => ({
    statusCode: 200,
    body: await send(options),
    headers: {},
  });
  return { request } as unknown as TwilioRequests;
}

type Field = string | number | boolean | null | undefined;

function form(fields: object = {}): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(fields as Record<string, Field | Field[]>)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) encoded.append(name, String(one));
    }
  }
  return encoded;
}
