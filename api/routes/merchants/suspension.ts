import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { changeMerchantStatus, findMerchant, type MerchantStatus } from '../../../db/stores/merchants-store';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { merchantOutput, merchantParams, presentMerchant } from './schemas';

const body = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .meta({ description: 'Kept with who says so; the merchant reads it too.' }),
});

/** A merchant that is to begin nothing more is suspended, and let go on when that is settled: docs/api.md. */
export function suspensionRoutes(deps: { database: Database }): Route[] {
  const change = (
    verb: 'suspend' | 'resume',
    status: MerchantStatus,
    text: { summary: string; description: string },
  ) =>
    defineRoute({
      operationId: `${verb}Merchant`,
      method: 'post',
      path: `/admin/merchants/{merchantId}/${verb}`,
      tag: 'Merchants',
      ...text,
      auth: 'admin',
      params: merchantParams,
      body,
      responses: { 200: { description: 'The merchant as it stands now.', body: merchantOutput } },
      errors: ['not_found'],
      handler: async ({ caller, params: { merchantId }, body: { reason } }) => {
        await changeMerchantStatus(deps.database, { merchantId, status, reason, by: caller.keyId });
        const merchant = await findMerchant(deps.database, caller, merchantId);
        return merchant === undefined ? fail('not_found') : { status: 200, body: presentMerchant(merchant) };
      },
    });

  return [
    change('suspend', 'suspended', {
      summary: 'Suspend a merchant: it can read, and change nothing',
      description:
        'Holds within a second. What has begun runs to its end: open payments, refunds, disputes, callbacks. Operators may cancel and refund for it. Repeated it changes nothing, and the first reason stays.',
    }),
    change('resume', 'active', {
      summary: 'Let a suspended merchant go on',
      description: 'Holds within a second, for all its keys. Repeated it changes nothing.',
    }),
  ];
}
