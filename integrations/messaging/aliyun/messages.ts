import { z } from 'zod';

/** Of Alibaba Cloud's answers only what deliveries need; what does not parse is not believed. */

/** Refusals of the gateway (HTTP 4xx) and of the service (HTTP 200) alike. */
export const answerSchema = z.object({ Code: z.string().min(1).max(200) });

export const sentSchema = z.object({ Code: z.literal('OK'), BizId: z.string().min(1).max(100) });

export const detailsSchema = z.object({
  Code: z.literal('OK'),
  SmsSendDetailDTOs: z.object({
    SmsSendDetailDTO: z
      .array(
        z.object({
          OutId: z.string().max(200).nullish(),
          SendStatus: z.coerce.number().int(),
          ErrCode: z.string().max(200).nullish(),
        }),
      )
      .max(1_000),
  }),
});

export const templateSchema = z.object({
  Code: z.literal('OK'),
  TemplateStatus: z.union([z.string(), z.number()]),
});
