import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { findDispute, listDisputes } from '../../../db/read-models/dispute-list';
import { listEvidence } from '../../../db/stores/dispute-evidence-store';
import { presentDispute } from '../../../domain/dispute/present';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath } from '../../schemas/ids';
import { listOf, toList } from '../../schemas/list';
import { refusePeriod } from '../../schemas/moment';
import { findPayment } from '../payments/commands';
import { evidenceRoutes, presentEvidence, type EvidenceRoutesDeps } from './evidence';
import { daysByDefault, disputeBody, disputesQuery, disputeWithEvidence } from './messages';

export type DisputeRoutesDeps = EvidenceRoutesDeps & { database: Database };

/** What customers dispute at their banks: read it here, answer it with evidence. */
export function disputeRoutes(deps: DisputeRoutesDeps): Route[] {
  const list = defineRoute({
    operationId: 'listDisputes',
    method: 'get',
    path: '/disputes',
    tag: 'Disputes',
    summary: 'List disputes, newest first',
    auth: 'either',
    query: disputesQuery,
    responses: { 200: { description: 'One page of disputes.', body: listOf(disputeBody) } },
    errors: ['not_found'],
    handler: async ({ caller, query: { payment, status, from: since, ...page } }) => {
      const stored = payment === undefined ? undefined : await findPayment(deps.database, caller, payment);
      if (payment !== undefined && stored === undefined) return fail('not_found', { param: 'payment' });
      const from = since ?? new Date(Date.now() - daysByDefault * 86_400_000);
      const problem = refusePeriod(from, page.to);
      if (problem !== undefined) return problem;
      const wanted = { ...page, from, statuses: status, paymentId: stored?.request.paymentId };
      const rows = await listDisputes(deps.database, caller, wanted);
      return { status: 200 as const, body: toList(rows, page.limit, presentDispute) };
    },
  });

  const get = defineRoute({
    operationId: 'getDispute',
    method: 'get',
    path: '/disputes/{disputeId}',
    tag: 'Disputes',
    summary: 'Read a dispute, with what was sent as evidence',
    auth: 'either',
    params: z.strictObject({ disputeId: idInPath('dispute') }),
    responses: { 200: { description: 'The dispute.', body: disputeWithEvidence } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const dispute = await findDispute(deps.database, caller, params.disputeId);
      if (dispute === undefined) return fail('not_found');
      const evidence = await listEvidence(deps.database, dispute.id);
      return {
        status: 200,
        body: { ...presentDispute(dispute), evidence: evidence.map(presentEvidence) },
      };
    },
  });

  return [list, get, ...evidenceRoutes(deps)];
}
