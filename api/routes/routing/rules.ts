import { z } from 'zod';
import type { Database } from '../../../db/pool';
import type { ConfigVersions } from '../../../db/stores/config-versions-store';
import { findRoutingRules, putRoutingRules, routingSubject } from '../../../db/stores/routing-rules-store';
import { inTransaction } from '../../../db/transaction';
import { differencesBetween } from '../../../domain/config/differences';
import type { ConfigDocument } from '../../../domain/config/document';
import { publicId } from '../../../domain/ids';
import type { Mode } from '../../../domain/payment/reference';
import { usualRouting, type RoutingDocument } from '../../../domain/routing/document';
import type { AdminCaller } from '../../caller';

import { ApiError, fail } from '../../errors';
import { issueWith } from '../../middleware/validate';
import { defineRoute, type Route } from '../../route';
import { amountErrors } from '../../schemas/amount';
import {
  differencesOutput,
  presentDifferences,
  presentVersion,
  rollbackInput,
  versionInPath,
  versionOutput,
  versionsQuery,
} from '../../schemas/config-version';
import { listOf, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { presentRules, readDocument, rulesInput, rulesOutput } from './schemas';

export interface RoutingRulesDeps {
  database: Database;
  services: { versions: ConfigVersions };
}

const tag = 'Routing';
const byMode = z.strictObject({ mode: modeField });
/** What can't be a version is one that is not there. */
const versionOrNothing = z
  .string()
  .meta({ pattern: '^[1-9][0-9]{0,8}$' })
  .transform((text, ctx) => {
    if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
    ctx.addIssue(issueWith('not_found'));
    return z.NEVER;
  });

interface Change {
  mode: Mode;
  caller: AdminCaller;
  basedOn?: number;
  reason: string;
  rolledBackTo?: number;
}

/** How channels are chosen, for operators: one versioned document a mode; docs/routing.md. */
export function routingRulesRoutes(deps: RoutingRulesDeps): Route[] {
  const answers = { 200: { description: 'The rules as they are now.', body: rulesOutput } } as const;

  const get = defineRoute({
    operationId: 'getRoutingRules',
    method: 'get',
    path: '/admin/routing/rules',
    tag,
    summary: 'Read the routing rules of a mode',
    auth: 'admin',
    query: byMode,
    responses: answers,
    errors: [],
    handler: async ({ query: { mode } }) => {
      const row = await findRoutingRules(deps.database, mode);
      return { status: 200, body: presentRules(mode, row?.version ?? 0, row?.document ?? usualRouting) };
    },
  });

  const put = defineRoute({
    operationId: 'putRoutingRules',
    method: 'put',
    path: '/admin/routing/rules',
    tag,
    summary: 'Replace the routing rules of a mode',
    description:
      'Holds within seconds; payments that have begun keep their decision. Try it with a simulation first.',
    auth: 'admin',
    body: rulesInput,
    responses: answers,
    errors: ['version_conflict', ...amountErrors],
    handler: async ({ caller, body: { mode, version: basedOn, reason, document: written } }) => {
      const document = readDocument(written);
      if (document instanceof ApiError) return document;
      return write({ mode, caller, basedOn, reason }, document);
    },
  });

  const rollback = defineRoute({
    operationId: 'rollBackRoutingRules',
    method: 'post',
    path: '/admin/routing/rules/rollback',
    tag,
    summary: 'Bring back what an earlier version of the rules said, as a new version',
    auth: 'admin',
    body: rollbackInput.extend({ mode: modeField }),
    responses: answers,
    errors: ['version_conflict'],
    handler: async ({ caller, body: { mode, toVersion, version: basedOn, reason } }) => {
      const earlier = await deps.services.versions.read(deps.database, routingSubject(mode), toVersion);
      if (earlier === undefined) {
        return fail('parameter_invalid', { param: 'toVersion', message: 'There is no such version.' });
      }
      const document = earlier.document as unknown as RoutingDocument;
      return write({ mode, caller, basedOn, reason, rolledBackTo: toVersion }, document);
    },
  });

  const versions = defineRoute({
    operationId: 'listRoutingRuleVersions',
    method: 'get',
    path: '/admin/routing/rules/versions',
    tag,
    summary: 'List the versions of the routing rules, newest first',
    auth: 'admin',
    query: versionsQuery.extend({ mode: modeField }),
    responses: { 200: { description: 'One page of versions.', body: listOf(versionOutput) } },
    errors: [],
    handler: async ({ query: { mode, limit, before } }) => {
      const rows = await deps.services.versions.list(deps.database, routingSubject(mode), {
        limit: limit + 1,
        before,
      });
      return { status: 200, body: toList(rows, limit, presentVersion) };
    },
  });

  const compare = defineRoute({
    operationId: 'compareRoutingRuleVersions',
    method: 'get',
    path: '/admin/routing/rules/versions/{version}/differences',
    tag,
    summary: 'Compare a version of the rules with the one before it, field by field',
    auth: 'admin',
    params: z.strictObject({ version: versionOrNothing }),
    query: z.strictObject({
      mode: modeField.default('test'),
      with: versionInPath.optional().meta({ description: 'Another version to compare with.' }),
    }),
    responses: { 200: { description: 'Every field that differs.', body: differencesOutput } },
    errors: ['not_found'],
    handler: async ({ params, query }) => {
      const subject = routingSubject(query.mode);
      const from = query.with ?? params.version - 1;
      const after = await deps.services.versions.read(deps.database, subject, params.version);
      const before = from === 0 ? undefined : await deps.services.versions.read(deps.database, subject, from);
      if (after === undefined || (before === undefined && from !== 0)) return fail('not_found');
      const differences = differencesBetween(before?.document ?? {}, after.document, []);
      return { status: 200, body: presentDifferences({ from, to: params.version }, differences) };
    },
  });

  return [get, put, rollback, versions, compare];

  async function write({ mode, caller, basedOn, ...rest }: Change, document: RoutingDocument) {
    const version = await inTransaction(deps.database, async (transaction) => {
      const written = await deps.services.versions.write(transaction, routingSubject(mode), {
        ...rest,
        basedOn,
        document: document as unknown as ConfigDocument,
        secretFields: [],
        author: publicId('apiKey', caller.keyId),
      });
      if (written !== undefined) await putRoutingRules(transaction, { mode, version: written, document });
      return written;
    });
    if (version === undefined) return fail('version_conflict', { param: 'version' });
    return { status: 200 as const, body: presentRules(mode, version, document) };
  }
}
