import { z } from 'zod';
import type { Database } from '../../../db/pool';
import {
  addFeePlanVersion,
  createFeePlan,
  findFeePlan,
  findFeePlanTimes,
  listFeePlans,
  listFeePlanVersions,
} from '../../../db/stores/fee-plans-store';
import { findChannelConfig } from '../../../db/stores/channel-configs-store';
import { findMerchant } from '../../../db/stores/merchants-store';
import { checkTerms, type WrittenTerms } from '../../../domain/fees/check-terms';
import type { FeeTerms } from '../../../domain/fees/terms';
import { publicId } from '../../../domain/ids';
import { fail, type ApiError } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import {
  newPlan,
  newVersion,
  payer,
  planOutput,
  planParams,
  planWithTimesOutput,
  presentPlan,
  presentPlanWithTimes,
} from './schemas';

const tag = 'Fees';

/** Fee plans, for operators: a plan is for one thing for ever, its terms come in dated versions. */
export function feePlanRoutes(deps: { database: Database }): Route[] {
  const create = defineRoute({
    operationId: 'createFeePlan',
    method: 'post',
    path: '/admin/fee-plans',
    tag,
    summary: 'Create a fee plan',
    description:
      'Of the plans that fit a payment the one that says most holds: merchant, then channel, then method.',
    auth: 'admin',
    body: newPlan,
    responses: { 201: { description: 'The new plan.', body: planOutput } },
    errors: ['already_exists', 'currency_unknown'],
    handler: async ({ caller, body, idempotency }) => {
      const { name, terms: written, effectiveFrom, ...scope } = body;
      const terms = readTerms(written, scope.currency);
      if ('code' in terms) return terms;
      const begins = readStart(effectiveFrom);
      if ('code' in begins) return begins;
      if (scope.merchantId !== undefined && !(await findMerchant(deps.database, caller, scope.merchantId))) {
        return fail('parameter_invalid', { param: 'merchantId', message: 'There is no such merchant.' });
      }
      if (
        scope.channelConfigId !== undefined &&
        !(await findChannelConfig(deps.database, scope.channelConfigId))
      ) {
        return fail('parameter_invalid', { param: 'channelConfigId', message: 'There is no such channel.' });
      }
      const plan = await createFeePlan(deps.database, {
        id: idempotency.resourceId,
        name,
        scope,
        terms,
        effectiveFrom: begins,
        createdBy: publicId('apiKey', caller.keyId),
      });
      return plan === undefined
        ? fail('already_exists', { message: 'There is a plan for exactly this: give it a new version.' })
        : { status: 201, body: presentPlan(plan) };
    },
  });

  const change = defineRoute({
    operationId: 'changeFeePlan',
    method: 'put',
    path: '/admin/fee-plans/{planId}',
    tag,
    summary: 'Give a fee plan a new version',
    description: 'Payments that have started keep the version they pinned.',
    auth: 'admin',
    params: planParams,
    body: newVersion,
    responses: { 200: { description: 'The plan with its latest version.', body: planOutput } },
    errors: ['not_found', 'version_conflict'],
    handler: async ({ caller, params, body }) => {
      const plan = await findFeePlan(deps.database, params.planId);
      if (plan === undefined) return fail('not_found');
      const terms = readTerms(body.terms, plan.scope.currency);
      if ('code' in terms) return terms;
      const begins = readStart(body.effectiveFrom);
      if ('code' in begins) return begins;
      const isAdded = await addFeePlanVersion(deps.database, {
        planId: plan.id,
        basedOn: body.version,
        terms,
        isEnabled: body.isEnabled,
        effectiveFrom: begins,
        createdBy: publicId('apiKey', caller.keyId),
      });
      const latest = await findFeePlan(deps.database, plan.id);
      if (!isAdded || latest === undefined) return fail('version_conflict');
      return { status: 200, body: presentPlan(latest) };
    },
  });

  const list = defineRoute({
    operationId: 'listFeePlans',
    method: 'get',
    path: '/admin/fee-plans',
    tag,
    summary: 'List fee plans, newest first',
    auth: 'admin',
    query: z.strictObject({
      ...pageQuery('feePlan'),
      merchantId: idInput('merchant').optional(),
      payer: payer.optional(),
    }),
    responses: {
      200: { description: 'One page of plans, each with its latest version.', body: listOf(planOutput) },
    },
    errors: [],
    handler: async ({ query }) => {
      const rows = await listFeePlans(deps.database, query);
      return { status: 200, body: toList(rows, query.limit, presentPlan) };
    },
  });

  const get = defineRoute({
    operationId: 'getFeePlan',
    method: 'get',
    path: '/admin/fee-plans/{planId}',
    tag,
    summary: 'Read a fee plan',
    auth: 'admin',
    params: planParams,
    responses: {
      200: {
        description: 'The plan with its latest version, and which holds now.',
        body: planWithTimesOutput,
      },
    },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const plan = await findFeePlan(deps.database, params.planId);
      if (plan === undefined) return fail('not_found');
      const times = await findFeePlanTimes(deps.database, plan.id, new Date());
      return { status: 200, body: presentPlanWithTimes(plan, times) };
    },
  });

  const versions = defineRoute({
    operationId: 'listFeePlanVersions',
    method: 'get',
    path: '/admin/fee-plans/{planId}/versions',
    tag,
    summary: "List a fee plan's versions, newest first",
    auth: 'admin',
    params: planParams,
    responses: { 200: { description: 'Up to 200 versions.', body: listOf(planOutput) } },
    errors: ['not_found'],
    handler: async ({ params }) => {
      const rows = await listFeePlanVersions(deps.database, params.planId);
      if (rows.length === 0) return fail('not_found');
      return { status: 200, body: toList(rows, rows.length, presentPlan) };
    },
  });

  return [create, change, list, get, versions];
}

function readTerms(written: WrittenTerms, currency: string): FeeTerms | ApiError<'parameter_invalid'> {
  const checked = checkTerms(written, currency);
  if (checked.ok) return checked.terms;
  const { param, message } = checked.problem;
  return fail('parameter_invalid', { param: `terms.${param}`, message });
}

/** The clocks of those who send and of this machine may be a little apart. */
const clockSkewMs = 60_000;

function readStart(asked: Date | undefined): Date | ApiError<'parameter_invalid'> {
  const now = new Date();
  if (asked === undefined) return now;
  if (asked.getTime() >= now.getTime() - clockSkewMs) return asked;
  return fail('parameter_invalid', { param: 'effectiveFrom', message: 'A plan cannot begin in the past.' });
}
