import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { decideSuspense, findSuspense, listSuspense } from '../../../db/stores/suspense-store';
import type { SuspenseKey } from '../../../domain/suspense/suspense-id';
import type { Log } from '../../../telemetry/log';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { limitQuery, listOf, toList } from '../../schemas/list';
import { decideBody, presentSuspense, suspenseIdInPath, suspenseIdInput, suspenseOutput } from './messages';

export interface SuspenseRoutesDeps {
  database: Database;
  /** Tells the workflow that a decision stands in the row. */
  suspense: { nudge(key: SuspenseKey): Promise<void> };
  log: Log;
}

/** Money that came and belongs to nobody yet: what there is, and an operator's word about it. */
export function suspenseRoutes(deps: SuspenseRoutesDeps): Route[] {
  const list = defineRoute({
    operationId: 'listSuspense',
    method: 'get',
    path: '/admin/suspense',
    tag: 'Suspense',
    summary: 'List money that belongs to nobody yet, the oldest first',
    auth: 'admin',
    query: z.strictObject({
      limit: limitQuery,
      startingAfter: suspenseIdInput.optional(),
      status: z.enum(['open', 'resolved']).default('open'),
    }),
    responses: { 200: { description: 'One page of it.', body: listOf(suspenseOutput) } },
    errors: [],
    handler: async ({ query }) => {
      const { limit, startingAfter, status } = query;
      const rows = await listSuspense(deps.database, {
        limit,
        startingAfter,
        isResolved: status === 'resolved',
      });
      return { status: 200, body: toList(rows, limit, presentSuspense) };
    },
  });

  const decide = defineRoute({
    operationId: 'decideSuspense',
    method: 'post',
    path: '/admin/suspense/{id}/decide',
    tag: 'Suspense',
    summary: 'Give money in suspense back to the customer, or let the merchant have it',
    description: 'Decided once. Carried out by a workflow; what can not be given back is asked about again.',
    auth: 'admin',
    params: z.strictObject({ id: suspenseIdInPath }),
    body: decideBody,
    responses: {
      200: { description: 'Decided; read the list to see it carried out.', body: suspenseOutput },
    },
    errors: ['not_found', 'suspense_decided'],
    handler: async ({ caller, params: { id: key }, body }) => {
      const { decision, reason } = body;
      const decidedBy = { by: 'operator' as const, keyId: caller.keyId, reason };
      const isDecided = await decideSuspense(deps.database, key, decision, decidedBy);
      const held = await findSuspense(deps.database, key);
      if (held === undefined) return fail('not_found');
      if (!isDecided) return fail('suspense_decided');
      await deps.suspense.nudge(key).catch((error: unknown) => {
        // The decision stands in the row, where the workflow looks by itself.
        deps.log.warn({ err: error }, 'a decision about money in suspense was not signalled');
      });
      return { status: 200 as const, body: presentSuspense(held) };
    },
  });

  return [list, decide];
}
