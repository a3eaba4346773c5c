import { z } from 'zod';
import { baseUrlField } from '../base-address';

export const aliyunConfiguration = z.strictObject({
  baseUrl: baseUrlField('https://dysmsapi.aliyuncs.com'),
  accessKeyId: z
    .string()
    .regex(/^[A-Za-z0-9._-]{8,128}$/, 'wants an access key id as Alibaba Cloud shows it'),
  accessKeySecret: z.string().regex(/^[\x21-\x7e]{16,128}$/, 'wants the secret of the access key'),
  signName: z.string().min(2).max(24),
  templateCode: z.string().regex(/^SMS_[0-9]{1,20}$/, 'wants a template such as SMS_154950909'),
  /** Alibaba Cloud sends approved templates only: the variable of it that takes the text. */
  templateVariable: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'wants the name of a variable')
    .default('content'),
});

export type AliyunConfiguration = z.infer<typeof aliyunConfiguration>;
