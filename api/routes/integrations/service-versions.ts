import { z } from 'zod';
import type { ConfigDocument } from '../../../domain/config/document';
import { differencesBetween } from '../../../domain/config/differences';
import { subjectOf } from '../../../db/stores/services-store';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import {
  differencesOutput,
  presentDifferences,
  presentVersion,
  versionInPath,
  versionOutput,
  versionsQuery,
} from '../../schemas/config-version';
import { listOf, toList } from '../../schemas/list';
import { serviceInPath, serviceParams } from './schemas';
import type { ServiceRoutesDeps } from './services';

const tag = 'Integrations';
const versionParams = z.strictObject({ id: serviceInPath, version: versionInPath });

/** What a service's configuration has been: who changed what, when and why. */
export function serviceVersionRoutes(deps: ServiceRoutesDeps): Route[] {
  const list = defineRoute({
    operationId: 'listServiceVersions',
    method: 'get',
    path: '/integrations/services/{id}/versions',
    tag,
    summary: "List a service's versions, newest first",
    auth: 'admin',
    params: serviceParams,
    query: versionsQuery,
    responses: { 200: { description: 'One page of versions.', body: listOf(versionOutput) } },
    errors: ['not_found'],
    handler: async ({ params, query }) => {
      const page = { limit: query.limit + 1, before: query.before };
      const rows = await deps.services.versions.list(deps.database, subjectOf(params.id), page);
      if (rows.length === 0 && query.before === undefined) return fail('not_found');
      return { status: 200, body: toList(rows, query.limit, presentVersion) };
    },
  });

  const get = defineRoute({
    operationId: 'getServiceVersion',
    method: 'get',
    path: '/integrations/services/{id}/versions/{version}',
    tag,
    summary: 'Read one version of a service',
    auth: 'admin',
    params: versionParams,
    responses: { 200: { description: 'The version.', body: versionOutput } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const row = await deps.services.versions.read(deps.database, subjectOf(params.id), params.version);
      return row === undefined ? fail('not_found') : { status: 200, body: presentVersion(row) };
    },
  });

  const compare = defineRoute({
    operationId: 'compareServiceVersions',
    method: 'get',
    path: '/integrations/services/{id}/versions/{version}/differences',
    tag,
    summary: 'Compare a version with the one before it, field by field',
    auth: 'admin',
    params: versionParams,
    query: z.strictObject({
      with: versionInPath.optional().meta({ description: 'Another version to compare with.' }),
    }),
    responses: { 200: { description: 'Every field that differs.', body: differencesOutput } },
    errors: ['not_found'],
    handler: async ({ params, query }) => {
      const subject = subjectOf(params.id);
      const from = query.with ?? params.version - 1;
      const after = await deps.services.versions.read(deps.database, subject, params.version);
      const before = from === 0 ? undefined : await deps.services.versions.read(deps.database, subject, from);
      if (after === undefined || (before === undefined && from !== 0)) return fail('not_found');
      const was: ConfigDocument = before?.document ?? {};
      const differences = differencesBetween(was, after.document, secretFieldsOf(after.document));
      return { status: 200, body: presentDifferences({ from, to: params.version }, differences) };
    },
  });

  return [list, get, compare];

  function secretFieldsOf(document: ConfigDocument): string[] {
    const { serviceType, kind } = document as { serviceType?: string; kind?: string };
    const adapter = deps.services.adapters.find(serviceType ?? '', kind ?? '');
    // Without its adapter nobody knows which fields are secret: then all of them are.
    return adapter?.secretFields.map((field) => `configurations.${field}`) ?? ['configurations'];
  }
}
