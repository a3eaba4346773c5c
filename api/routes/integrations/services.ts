import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { listServices } from '../../../db/read-models/service-list';
import type { ConfigVersions } from '../../../db/stores/config-versions-store';
import { createService } from '../../../db/stores/services-store';
import { inTransaction } from '../../../db/transaction';
import { publicId } from '../../../domain/ids';
import type { CallOutcome } from '../../../integrations/call-outcome';
import type { Registry } from '../../../integrations/registry';
import type { ServiceAdapters } from '../../../integrations/services/adapters';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { listOf, toList } from '../../schemas/list';
import { checkConfigurations } from './check-configurations';
import {
  kindOutput,
  kindsOf,
  newService,
  presentService,
  serviceOutput,
  serviceParams,
  servicesQuery,
  testInput,
  testOutput,
} from './schemas';

export interface ServiceRoutesDeps {
  database: Database;
  channels: {
    registry: Registry;
    testConnection(id: string, correlationId: string): Promise<CallOutcome<unknown> | undefined>;
  };
  services: {
    adapters: ServiceAdapters;
    versions: ConfigVersions;
    testConnection(
      id: string,
      options: { recipient?: string; correlationId: string },
    ): Promise<CallOutcome<unknown> | undefined>;
  };
}

const tag = 'Integrations';

/** The registry of services, for operators: docs/integrations.md. */
export function serviceRoutes(deps: ServiceRoutesDeps): Route[] {
  const create = defineRoute({
    operationId: 'createService',
    method: 'post',
    path: '/integrations/services',
    tag,
    summary: 'Configure a service',
    description: 'Payment gateways are channels, and are made there.',
    auth: 'admin',
    body: newService,
    responses: { 201: { description: 'The new service; its secrets are masked.', body: serviceOutput } },
    errors: ['already_exists', 'managed_elsewhere'],
    handler: async ({ caller, body, idempotency }) => {
      const { reason, limits, ...written } = body;
      if (written.serviceType === 'PAYMENT_GATEWAY') {
        return fail('managed_elsewhere', { message: 'A payment gateway is made at /api/v1/admin/channels.' });
      }
      const adapter = deps.services.adapters.find(written.serviceType, written.kind);
      if (adapter === undefined) return unknownKind(written.serviceType);
      const configurations = checkConfigurations(adapter, written.configurations);
      if (configurations instanceof Error) return configurations;
      const row = await inTransaction(deps.database, (transaction) =>
        createService(transaction, deps.services.versions, {
          id: idempotency.resourceId,
          document: { ...written, configurations, limits: limits ?? adapter.limits ?? {} },
          secretFields: adapter.secretFields.map((field) => `configurations.${field}`),
          author: publicId('apiKey', caller.keyId),
          reason,
        }),
      );
      if (row === undefined) return fail('already_exists', { message: 'Another service has this name.' });
      return { status: 201, body: presentService({ of: 'service', ...row }, kindsOf(deps)) };
    },
  });

  function unknownKind(serviceType: string) {
    const known = deps.services.adapters.all.filter((adapter) => adapter.serviceType === serviceType);
    const message = `For ${serviceType} there are: ${known.map(({ kind }) => kind).join(', ') || 'none'}.`;
    return fail('parameter_invalid', { param: 'kind', message });
  }

  const list = defineRoute({
    operationId: 'listServices',
    method: 'get',
    path: '/integrations/services',
    tag,
    summary: 'List services and payment channels, newest first',
    auth: 'admin',
    query: servicesQuery,
    responses: { 200: { description: 'One page of services.', body: listOf(serviceOutput) } },
    errors: [],
    handler: async ({ query: { type, status, ...page } }) => {
      const isEnabled = status === undefined ? undefined : status === 'enabled';
      const rows = await listServices(deps.database, { ...page, serviceType: type, isEnabled });
      return {
        status: 200,
        body: toList(rows, page.limit, (row) => presentService(row, kindsOf(deps))),
      };
    },
  });

  const get = defineRoute({
    operationId: 'getService',
    method: 'get',
    path: '/integrations/services/{id}',
    tag,
    summary: 'Read a service',
    auth: 'admin',
    params: serviceParams,
    responses: { 200: { description: 'The service; its secrets are masked.', body: serviceOutput } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const [row] = await listServices(deps.database, { id: params.id, limit: 1 });
      return row === undefined
        ? fail('not_found')
        : { status: 200, body: presentService(row, kindsOf(deps)) };
    },
  });

  const test = defineRoute({
    operationId: 'testServiceConnection',
    method: 'post',
    path: '/integrations/services/{id}/test-connection',
    tag,
    summary: "Try a service's configuration",
    description:
      'Enabled or not. What the provider said is in the answer; the call is logged like any other. A payment channel is asked for a charge that can not exist.',
    auth: 'admin',
    params: serviceParams,
    body: testInput,
    responses: { 200: { description: 'How it went.', body: testOutput } },
    errors: ['not_found'],
    handler: async ({ params, body, requestId }) => {
      const begun = performance.now();
      const outcome =
        (await deps.services.testConnection(params.id, { ...body, correlationId: requestId })) ??
        (await deps.channels.testConnection(params.id, requestId));
      if (outcome === undefined) return fail('not_found');
      const durationMs = Math.round(performance.now() - begun);
      return { status: 200, body: { ...presentOutcome(outcome), durationMs } };
    },
  });

  const kinds = defineRoute({
    operationId: 'listServiceKinds',
    method: 'get',
    path: '/integrations/service-kinds',
    tag,
    summary: 'List the kinds of services there are, and what each wants to be configured',
    auth: 'admin',
    responses: { 200: { description: 'Every kind.', body: listOf(kindOutput) } },
    errors: [],
    handler: async () => ({
      status: 200,
      body: toList([...deps.services.adapters.all], deps.services.adapters.all.length, (adapter) => ({
        object: 'service_kind' as const,
        serviceType: adapter.serviceType,
        kind: adapter.kind,
        apiVersion: adapter.apiVersion,
        secretFields: [...adapter.secretFields],
        configurationSchema: z.toJSONSchema(adapter.configurationSchema, { io: 'input' }),
      })),
    }),
  });

  return [create, list, get, test, kinds];
}

function presentOutcome(outcome: CallOutcome<unknown>) {
  const isOk = outcome.kind === 'ok';
  return {
    object: 'connection_test' as const,
    isSuccess: isOk,
    outcome: outcome.kind,
    code: isOk ? null : outcome.code,
    message: isOk || outcome.kind === 'declined' ? null : outcome.message,
    statusCode: outcome.status ?? null,
  };
}
