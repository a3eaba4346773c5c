import { z } from 'zod';
import type { PublicCustomer, PublicSavedMethod } from '../../../domain/customer/present';
import { idInPath, idOutput } from '../../schemas/ids';
import { listOf, pageQuery } from '../../schemas/list';
import { modeField } from '../../schemas/mode';

const customerNo = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,64}$/, 'wants 1 to 64 of the characters A–Z a–z 0–9 . _ ~ -')
  .meta({ description: "The merchant's own number for them; no personal data." });

export const createCustomerBody = z
  .strictObject({
    customerNo: customerNo.optional(),
    name: z.string().trim().min(1).max(200).optional(),
    email: z.email().max(200).optional(),
    phone: z.string().trim().min(1).max(40).optional(),
  })
  .meta({ id: 'CreateCustomer', description: 'Personal data are kept encrypted, and never in logs.' });

export const customerBody = z
  .object({
    id: idOutput('customer'),
    object: z.literal('customer'),
    mode: modeField,
    merchantId: idOutput('merchant'),
    customerNo: z.string().nullable(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Customer' }) satisfies z.ZodType<PublicCustomer>;

export const savedMethodBody = z
  .object({
    id: idOutput('savedMethod'),
    object: z.literal('saved_method'),
    mode: modeField,
    customerId: idOutput('customer'),
    channel: z
      .string()
      .meta({ description: 'The channel that keeps it, and the only one that can charge it.' }),
    kind: z.literal('card'),
    brand: z.string().nullable(),
    last4: z.string().nullable(),
    expires: z.string().nullable().meta({ description: 'Year and month, such as 2034-12.' }),
    status: z.enum(['active', 'detached']),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'SavedMethod' }) satisfies z.ZodType<PublicSavedMethod>;

export const savedMethodList = listOf(savedMethodBody).extend({
  isCurrent: z.boolean().meta({
    description: 'false: a channel did not answer just now, and what it said before is shown.',
  }),
});

export const customerParams = z.strictObject({ customerId: idInPath('customer') });
export const methodParams = z.strictObject({
  customerId: idInPath('customer'),
  methodId: idInPath('savedMethod'),
});
export const customersQuery = z.strictObject({
  ...pageQuery('customer'),
  customerNo: customerNo.optional(),
});
export const methodsQuery = z.strictObject(pageQuery('savedMethod'));
