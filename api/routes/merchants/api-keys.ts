import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { listApiKeys, putApiKey, revokeApiKey } from '../../../db/stores/api-keys-store';
import { findMerchant } from '../../../db/stores/merchants-store';
import { newApiKey } from '../../../security/api-keys';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { createdKeyOutput, keyOutput, keyParams, merchantParams, newKey, presentKey } from './schemas';

/** A merchant's API keys; only an operator hands them out. */
export function apiKeyRoutes(deps: { database: Database }): Route[] {
  const create = defineRoute({
    operationId: 'createApiKey',
    method: 'post',
    path: '/admin/merchants/{merchantId}/keys',
    tag: 'Merchants',
    summary: "Create one of a merchant's API keys",
    description: 'The whole key is in this answer and nowhere else: it is stored as a hash.',
    auth: 'admin',
    params: merchantParams,
    body: newKey,
    responses: { 201: { description: 'The new key.', body: createdKeyOutput } },
    errors: ['not_found'],
    handler: async ({ caller, params, body, idempotency }) => {
      const merchant = await findMerchant(deps.database, caller, params.merchantId);
      if (merchant === undefined) return fail('not_found');
      const key = newApiKey(body.mode);
      const row = await putApiKey(deps.database, {
        id: idempotency.resourceId,
        owner: { role: 'merchant', merchantId: merchant.id, mode: body.mode },
        prefix: key.prefix,
        secretHash: key.hash,
      });
      return { status: 201, body: { ...presentKey(row), key: key.text } };
    },
  });

  const list = defineRoute({
    operationId: 'listApiKeys',
    method: 'get',
    path: '/admin/merchants/{merchantId}/keys',
    tag: 'Merchants',
    summary: "List a merchant's API keys, newest first",
    auth: 'admin',
    params: merchantParams,
    query: z.strictObject(pageQuery('apiKey')),
    responses: { 200: { description: 'One page of keys, without their secrets.', body: listOf(keyOutput) } },
    errors: ['not_found'],
    handler: async ({ caller, params, query }) => {
      const merchant = await findMerchant(deps.database, caller, params.merchantId);
      if (merchant === undefined) return fail('not_found');
      const rows = await listApiKeys(deps.database, caller, { merchantId: merchant.id, ...query });
      return { status: 200, body: toList(rows, query.limit, presentKey) };
    },
  });

  const revoke = defineRoute({
    operationId: 'revokeApiKey',
    method: 'delete',
    path: '/admin/merchants/{merchantId}/keys/{keyId}',
    tag: 'Merchants',
    summary: 'Revoke an API key',
    description: 'It opens nothing more than a second later, and can not be brought back.',
    auth: 'admin',
    params: keyParams,
    responses: { 200: { description: 'The revoked key.', body: keyOutput } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const row = await revokeApiKey(deps.database, caller, params);
      return row === undefined ? fail('not_found') : { status: 200, body: presentKey(row) };
    },
  });

  return [create, list, revoke];
}
