import { listServices } from '../../../db/read-models/service-list';
import {
  changeService,
  openService,
  removeService,
  subjectOf,
  type ServiceRow,
} from '../../../db/stores/services-store';
import type { Transaction } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { keepMasked } from '../../../domain/config/secrets';
import type { ConfigDocument } from '../../../domain/config/document';
import type { ServiceDocument } from '../../../domain/config/service';
import { publicId } from '../../../domain/ids';
import type { ServiceAdapter } from '../../../integrations/services/service-adapter';
import type { AdminCaller } from '../../caller';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { rollbackInput } from '../../schemas/config-version';
import { checkConfigurations } from './check-configurations';
import {
  changedService,
  kindsOf,
  presentService,
  serviceOutput,
  serviceParams,
  switchInput,
} from './schemas';
import type { ServiceRoutesDeps } from './services';

const tag = 'Integrations';

interface Change {
  id: string;
  caller: AdminCaller;
  basedOn?: number;
  reason: string;
  rolledBackTo?: number;
}

type Decide = (
  current: ServiceDocument,
  adapter: ServiceAdapter,
  transaction: Transaction,
) => Promise<ServiceDocument> | ServiceDocument;

/** Everything that changes a service, or what it is at: each change is a new version. */
export function serviceChangeRoutes(deps: ServiceRoutesDeps): Route[] {
  const answers = { 200: { description: 'The service as it is now.', body: serviceOutput } } as const;
  const errors = ['not_found', 'managed_elsewhere', 'version_conflict'] as const;

  const change = defineRoute({
    operationId: 'changeService',
    method: 'put',
    path: '/integrations/services/{id}',
    tag,
    summary: "Replace a service's configuration",
    description: 'Its name, type and kind stay: another kind is another service.',
    auth: 'admin',
    params: serviceParams,
    body: changedService,
    responses: answers,
    errors,
    handler: async ({ caller, params, body }) => {
      const { version: basedOn, reason, limits, ...written } = body;
      return apply({ id: params.id, caller, basedOn, reason }, (current, adapter) => {
        const kept = keepMasked(
          written.configurations as ConfigDocument,
          current.configurations,
          adapter.secretFields,
        );
        const configurations = orThrow(checkConfigurations(adapter, kept));
        return {
          ...current,
          ...written,
          isEnabled: written.isEnabled ?? current.isEnabled,
          configurations,
          limits: limits ?? adapter.limits ?? {},
        };
      });
    },
  });

  const [enable, disable] = (['enable', 'disable'] as const).map((what) =>
    defineRoute({
      operationId: `${what}Service`,
      method: 'post',
      path: `/integrations/services/{id}/${what}`,
      tag,
      summary: what === 'enable' ? 'Let a service be called' : 'Take a service out of use',
      auth: 'admin',
      params: serviceParams,
      body: switchInput,
      responses: answers,
      errors,
      handler: async ({ caller, params, body: { version: basedOn, reason } }) =>
        apply({ id: params.id, caller, basedOn, reason }, (current) => ({
          ...current,
          isEnabled: what === 'enable',
        })),
    }),
  ) as [Route, Route];

  const rollback = defineRoute({
    operationId: 'rollBackService',
    method: 'post',
    path: '/integrations/services/{id}/rollback',
    tag,
    summary: 'Bring back what an earlier version said',
    description: 'As a new version, checked like any other.',
    auth: 'admin',
    params: serviceParams,
    body: rollbackInput,
    responses: answers,
    errors,
    handler: async ({ caller, params, body: { toVersion, version: basedOn, reason } }) =>
      apply(
        { id: params.id, caller, basedOn, reason, rolledBackTo: toVersion },
        async (current, adapter, transaction) => {
          const earlier = await deps.services.versions.read(transaction, subjectOf(params.id), toVersion);
          if (earlier === undefined) {
            throw fail('parameter_invalid', { param: 'toVersion', message: 'There is no such version.' });
          }
          const document = earlier.document as unknown as ServiceDocument;
          const configurations = orThrow(checkConfigurations(adapter, document.configurations));
          return { ...document, name: current.name, configurations };
        },
      ),
  });

  const remove = defineRoute({
    operationId: 'deleteService',
    method: 'delete',
    path: '/integrations/services/{id}',
    tag,
    summary: 'Remove a service',
    description: 'What was logged of it and its versions stay.',
    auth: 'admin',
    params: serviceParams,
    responses: { 204: { description: 'It is gone.' } },
    errors: ['not_found', 'managed_elsewhere'],
    handler: async ({ caller, params }) => {
      const at = await current(params.id);
      if (at instanceof ApiError) return at;
      await inTransaction(deps.database, (transaction) =>
        removeService(transaction, deps.services.versions, {
          id: params.id,
          document: at.row.document,
          secretFields: secretFieldsOf(at.adapter),
          author: publicId('apiKey', caller.keyId),
          reason: 'removed',
        }),
      );
      return { status: 204 };
    },
  });

  return [change, enable, disable, rollback, remove];

  async function apply({ id, caller, basedOn, ...rest }: Change, decide: Decide) {
    const at = await current(id);
    if (at instanceof ApiError) return at;
    const row = await inTransaction(deps.database, async (transaction) =>
      changeService(transaction, deps.services.versions, {
        ...rest,
        id,
        document: await decide(at.row.document, at.adapter, transaction),
        secretFields: secretFieldsOf(at.adapter),
        // Nobody writes over what they have not seen: without a version, it is the one that was just read.
        basedOn: basedOn ?? at.row.version,
        author: publicId('apiKey', caller.keyId),
      }),
    );
    if (row === undefined) return fail('version_conflict', { param: 'version' });
    return { status: 200 as const, body: presentService({ of: 'service', ...row }, kindsOf(deps)) };
  }

  async function current(
    id: string,
  ): Promise<{ row: ServiceRow; adapter: ServiceAdapter } | ApiError<'not_found' | 'managed_elsewhere'>> {
    const row = await openService(deps.database, deps.services.versions, id);
    if (row !== undefined) {
      const adapter = deps.services.adapters.find(row.document.serviceType, row.document.kind);
      return adapter === undefined ? fail('not_found') : { row, adapter };
    }
    const [channel] = await listServices(deps.database, { id, limit: 1 });
    if (channel === undefined) return fail('not_found');
    const at = presentService(channel, kindsOf(deps)).managedAt;
    return fail('managed_elsewhere', { message: `A payment channel is changed at ${at}.` });
  }
}

function secretFieldsOf(adapter: ServiceAdapter): string[] {
  return adapter.secretFields.map((field) => `configurations.${field}`);
}

/** Inside a transaction a refusal is thrown, so that nothing of it is kept. */
function orThrow<Value>(checked: Value | ApiError): Value {
  if (checked instanceof ApiError) throw checked;
  return checked;
}
