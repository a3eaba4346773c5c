import type { Client } from '@sendgrid/client';
import type { MailService } from '@sendgrid/mail';
import type { Caller } from '../../call';
import type { CallOutcome } from '../../call-outcome';
import type { HttpClient, HttpExchange } from '../../http-exchange';
import type { Deadline } from '../../deadline';
import { contextOf } from '../../services/call-context';
import type { ServiceCall } from '../../services/service-adapter';
import { baseAddress } from '../base-address';
import { throughSdk } from '../through-sdk';
import type { SendgridConfiguration } from './configuration';
import { classifySendgrid, type SendgridAnswer } from './transformers';

export interface SendgridDependencies {
  caller: Caller;
  http: HttpClient;
}

export interface SendgridSdk {
  mail: MailService;
  client: Client;
}

export type SendgridCall = ServiceCall<SendgridConfiguration>;

/** Transport only: the SDK makes requests, the house's pipeline sends them. */
export interface SendgridClient {
  ask(
    call: SendgridCall,
    operation: string,
    ask: (sdk: SendgridSdk) => Promise<unknown>,
  ): Promise<CallOutcome<SendgridAnswer>>;
}

export function createSendgridClient({ caller, http }: SendgridDependencies): SendgridClient {
  return {
    ask(call, operation, ask) {
      const { service } = call;
      return caller.call(contextOf(call, operation), async (deadline) => {
        const load = await sdk();
        return throughSdk<SendgridAnswer>((hear) =>
          ask(
            load(service.configurations.apiKey, async (request) => {
              hear(classifySendgrid(await exchange(service.configurations, request, deadline)));
            }),
          ),
        );
      });
    },
  };

  function exchange(
    { baseUrl }: SendgridConfiguration,
    request: Prepared,
    deadline: Deadline,
  ): Promise<HttpExchange> {
    const { origin, path } = baseAddress(baseUrl);
    const { method, url, headers, data } = request;
    const body = data === undefined ? {} : { body: JSON.stringify(data) };
    return http.exchange(
      { method, origin, path: path + url, headers: texts(headers), wantsHeaders: true, ...body },
      deadline,
    );
  }
}

/** As the SDK's `createRequest` leaves it, whatever its types say. */
interface Prepared {
  method: 'GET' | 'POST';
  url: string;
  headers: object;
  data?: unknown;
}

/** Loaded at the first mail: it brings along an HTTP client of its own, which is not used. */
async function sdk() {
  const [mailModule, clientModule] = await Promise.all([
    import('@sendgrid/mail'),
    import('@sendgrid/client'),
  ]);
  // The types know only the one instance that each module is; an account of its own wants one of its own.
  const { MailService: Service } = mailModule as unknown as { MailService: new () => MailService };
  const { Client: SdkClient } = clientModule as unknown as { Client: new () => Client };
  return (apiKey: string, send: (request: Prepared) => Promise<void>): SendgridSdk => {
    const client = new SdkClient();
    client.setApiKey(apiKey);
    client.request = async (data: Parameters<Client['request']>[0]) => {
      await send(client.createRequest(data) as unknown as Prepared);
      return [{ statusCode: 202, body: {}, headers: {} }, {}] as never;
    };
    const mail = new Service();
    mail.setClient(client);
    return { mail, client };
  };
}

function texts(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]])),
  );
}
