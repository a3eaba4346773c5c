import { z } from 'zod';
import type { CallOutcome } from '../call-outcome';
import { classifyJson } from '../http-classification';
import type { HttpExchange } from '../http-exchange';
import type { ServiceAdapterDependencies } from './adapters';
import { contextOf } from './call-context';
import type { ServiceAdapter, ServiceCall, ServiceType } from './service-adapter';

const configurations = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/, error: 'wants an http or https address' }),
  /** The whole header: `Bearer …`, `Basic …`. */
  authorization: z.string().min(1).max(4_096).optional(),
  testPath: z.string().startsWith('/').max(1_000).default('/'),
});

type Configurations = z.output<typeof configurations>;

/** Any service that is reached by HTTP and answers 2xx on a path when it is well: watched, not spoken to. */
export function createHttpEndpoint(
  { caller, http }: ServiceAdapterDependencies,
  serviceType: ServiceType,
): ServiceAdapter<Configurations> {
  function look(call: ServiceCall<Configurations>, operation: string): Promise<CallOutcome<unknown>> {
    const { baseUrl, authorization, testPath } = call.service.configurations;
    const base = new URL(baseUrl);
    const request = {
      method: 'GET' as const,
      origin: base.origin,
      path: base.pathname.replace(/\/$/, '') + testPath,
      headers: {
        'x-request-id': call.correlationId,
        ...(authorization === undefined ? {} : { authorization }),
      },
    };
    return caller.call(contextOf(call, operation), async (deadline) =>
      classifyPlain(await http.exchange(request, deadline)),
    );
  }
  return {
    serviceType,
    kind: 'HTTP_ENDPOINT',
    apiVersion: 'HTTP/1.1',
    configurationSchema: configurations,
    secretFields: ['authorization'],
    testConnection: (call) => look(call, 'test'),
    checkHealth: (call) => look(call, 'health'),
  };
}

/** Any 2xx will do, whatever is in it. */
export function classifyPlain(exchange: HttpExchange): CallOutcome<unknown> {
  if (exchange.kind === 'answered' && exchange.status >= 200 && exchange.status < 300) {
    return { kind: 'ok', status: exchange.status, value: undefined };
  }
  return classifyJson(exchange, { codeOf: () => undefined, notProcessed: [] });
}
