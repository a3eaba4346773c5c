import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { createMerchant, findMerchant, listMerchants } from '../../../db/stores/merchants-store';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { merchantOutput, merchantParams, merchantStatuses, newMerchant, presentMerchant } from './schemas';

/** Merchants, as operators keep them and as each sees itself. */
export function merchantRoutes(deps: { database: Database }): Route[] {
  const create = defineRoute({
    operationId: 'createMerchant',
    method: 'post',
    path: '/admin/merchants',
    tag: 'Merchants',
    summary: 'Create a merchant',
    auth: 'admin',
    body: newMerchant,
    responses: { 201: { description: 'The new merchant.', body: merchantOutput } },
    errors: ['currency_unknown'],
    handler: async ({ body, idempotency }) => {
      const merchant = await createMerchant(deps.database, {
        id: idempotency.resourceId,
        name: body.name,
        defaultCurrency: body.defaultCurrency ?? 'USD',
      });
      return { status: 201, body: presentMerchant(merchant) };
    },
  });

  const list = defineRoute({
    operationId: 'listMerchants',
    method: 'get',
    path: '/admin/merchants',
    tag: 'Merchants',
    summary: 'List merchants, newest first',
    auth: 'admin',
    query: z.strictObject({ ...pageQuery('merchant'), status: z.enum(merchantStatuses).optional() }),
    responses: { 200: { description: 'One page of merchants.', body: listOf(merchantOutput) } },
    errors: [],
    handler: async ({ caller, query }) => {
      const rows = await listMerchants(deps.database, caller, query);
      return { status: 200, body: toList(rows, query.limit, presentMerchant) };
    },
  });

  const get = defineRoute({
    operationId: 'getMerchant',
    method: 'get',
    path: '/merchants/{merchantId}',
    tag: 'Merchants',
    summary: 'Read a merchant',
    auth: 'either',
    params: merchantParams,
    responses: { 200: { description: 'The merchant.', body: merchantOutput } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const merchant = await findMerchant(deps.database, caller, params.merchantId);
      return merchant === undefined ? fail('not_found') : { status: 200, body: presentMerchant(merchant) };
    },
  });

  return [create, list, get];
}
