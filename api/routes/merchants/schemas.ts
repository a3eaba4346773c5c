import { z } from 'zod';
import { publicId } from '../../../domain/ids';
import type { ApiKeyRow } from '../../../db/stores/api-keys-store';
import type { MerchantRow } from '../../../db/stores/merchants-store';
import { currencyInput } from '../../schemas/amount';
import { idInPath, idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

export const merchantParams = z.strictObject({ merchantId: idInPath('merchant') });

export const merchantStatuses = ['active', 'suspended'] as const;

export const newMerchant = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ examples: ['Tea House'] }),
  defaultCurrency: currencyInput.optional().meta({ description: 'USD, if nothing else is said.' }),
});

export const merchantOutput = z
  .object({
    id: idOutput('merchant'),
    object: z.literal('merchant'),
    name: z.string(),
    status: z.enum(merchantStatuses).meta({
      description: 'suspended: it can read, and change nothing. What has begun runs to its end.',
    }),
    lastStatusChange: z
      .object({ reason: z.string(), by: idOutput('apiKey'), at: z.iso.datetime() })
      .nullable()
      .meta({ description: 'The last time an operator suspended it or let it go on; null: never.' }),
    defaultCurrency: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Merchant' });

export function presentMerchant(row: MerchantRow): z.input<typeof merchantOutput> {
  return {
    id: publicId('merchant', row.id),
    object: 'merchant',
    name: row.name,
    status: row.status,
    lastStatusChange: row.lastStatusChange
      ? {
          reason: row.lastStatusChange.reason,
          by: publicId('apiKey', row.lastStatusChange.by),
          at: row.lastStatusChange.at.toISOString(),
        }
      : null,
    defaultCurrency: row.defaultCurrency,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const keyParams = z.strictObject({
  merchantId: idInPath('merchant'),
  keyId: idInPath('apiKey'),
});

export const newKey = z.strictObject({ mode: modeField });

const keyFields = {
  id: idOutput('apiKey'),
  object: z.literal('api_key'),
  merchantId: idOutput('merchant'),
  mode: modeField,
  prefix: z.string().meta({ description: 'How the key begins; all of it that can be seen later.' }),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
};

export const keyOutput = z.object(keyFields).meta({ id: 'ApiKey' });

export const createdKeyOutput = z
  .object({
    ...keyFields,
    key: z.string().meta({ description: 'The whole key. Shown in this answer only.' }),
  })
  .meta({ id: 'CreatedApiKey' });

export function presentKey(row: ApiKeyRow): z.input<typeof keyOutput> {
  return {
    id: publicId('apiKey', row.id),
    object: 'api_key',
    merchantId: publicId('merchant', row.merchantId ?? ''),
    mode: row.mode ?? 'test',
    prefix: row.prefix,
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
