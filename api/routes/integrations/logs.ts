import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { findCorrelatedWorkflow } from '../../../db/read-models/correlated-workflow';
import {
  findIntegrationCall,
  listIntegrationCalls,
  type IntegrationCall,
} from '../../../db/stores/integration-calls-store';
import { publicId, type IdKind } from '../../../domain/ids';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath, idOutput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { moment, refusePeriod } from '../../schemas/moment';
import { serviceInput } from './schemas';

const outcomes = ['ok', 'declined', 'retryable', 'unknown', 'misconfigured'] as const;

const callFields = {
  id: idOutput('integrationCall'),
  object: z.literal('integration_call'),
  serviceId: z.string().meta({ pattern: '^(svc|chc|rsc)_[0-9a-f]{32}$' }),
  serviceType: z.string(),
  kind: z.string(),
  operation: z.string(),
  requestedAt: z.iso.datetime(),
  respondedAt: z.iso.datetime(),
  durationMs: z.int(),
  endpoint: z.string().nullable().meta({ description: 'Null where nothing was sent.' }),
  statusCode: z.int().nullable(),
  isSuccess: z.boolean(),
  outcome: z.enum(outcomes),
  errorMessage: z.string().nullable(),
  correlationId: z.string().meta({
    description: 'What the call was for: the reference of an attempt (pay_…-1), a refund (ref_…) and so on.',
  }),
};

const callOutput = z.object(callFields).meta({ id: 'IntegrationCall' });
const wholeCallOutput = z
  .object({
    ...callFields,
    requestPayload: z.string().nullable().meta({ description: 'Redacted, at most 4,096 characters.' }),
    workflowId: z.string().nullable().meta({ description: 'The workflow that the call was made for.' }),
    responsePayload: z.string().nullable().meta({ description: 'Redacted, at most 4,096 characters.' }),
  })
  .meta({ id: 'WholeIntegrationCall' });

/** How far back a list looks if nothing is said. */
const usualDays = 7;

/** Every call that was made to a third party, for operators. */
export function integrationLogRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listIntegrationCalls',
    method: 'get',
    path: '/integrations/logs',
    tag: 'Integrations',
    summary: 'List calls to services, newest first',
    description: `Without \`from\` of the last ${usualDays} days. A call is here within about a second.`,
    auth: 'admin',
    query: z.strictObject({
      ...pageQuery('integrationCall'),
      service: serviceInput.optional(),
      from: moment.optional(),
      until: moment.optional(),
      status: z
        .enum(['success', 'failure', ...outcomes])
        .optional()
        .meta({ description: 'success: ok. failure: everything else. Or one outcome.' }),
      correlationId: z
        .string()
        .regex(/^[A-Za-z0-9._~/-]{1,200}$/, 'wants 1 to 200 of the characters A–Z a–z 0–9 . _ ~ / -')
        .optional()
        .meta({ description: 'A payment’s id finds the calls of all its attempts.' }),
    }),
    responses: { 200: { description: 'One page of calls, without payloads.', body: listOf(callOutput) } },
    errors: [],
    handler: async ({ query: { service, from, ...query } }) => {
      const since = from ?? new Date(Date.now() - usualDays * 86_400_000);
      const problem = refusePeriod(since, query.until, 'until');
      if (problem !== undefined) return problem;
      const rows = await listIntegrationCalls(deps.database, { ...query, serviceId: service, from: since });
      return { status: 200, body: toList(rows, query.limit, present) };
    },
  });

  const get = defineRoute({
    operationId: 'getIntegrationCall',
    method: 'get',
    path: '/integrations/logs/{id}',
    tag: 'Integrations',
    summary: 'Read a call to a service, with what was sent and answered',
    auth: 'admin',
    params: z.strictObject({ id: idInPath('integrationCall') }),
    responses: { 200: { description: 'The call; its payloads are redacted.', body: wholeCallOutput } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const row = await findIntegrationCall(deps.database, params.id);
      if (row === undefined) return fail('not_found');
      const { requestPayload, responsePayload } = row;
      const workflowId = (await findCorrelatedWorkflow(deps.database, row.correlationId)) ?? null;
      return { status: 200, body: { ...present(row), workflowId, requestPayload, responsePayload } };
    },
  });

  return [list, get];
}

function present(row: IntegrationCall): z.input<typeof callOutput> {
  return {
    id: publicId('integrationCall', row.id),
    object: 'integration_call',
    serviceId: publicId(kindOf(row.serviceType), row.serviceId),
    serviceType: row.serviceType,
    kind: row.kind,
    operation: row.operation,
    requestedAt: row.requestedAt.toISOString(),
    respondedAt: new Date(row.requestedAt.getTime() + row.durationMs).toISOString(),
    durationMs: row.durationMs,
    endpoint: row.endpoint,
    statusCode: row.statusCode,
    isSuccess: row.outcome === 'ok',
    outcome: row.outcome as (typeof outcomes)[number],
    errorMessage: row.errorMessage,
    correlationId: row.correlationId,
  };
}

function kindOf(serviceType: string): IdKind {
  switch (serviceType) {
    case 'PAYMENT_GATEWAY':
      return 'channelConfig';
    case 'EXCHANGE_RATES':
      return 'rateSource';
    default:
      return 'service';
  }
}
