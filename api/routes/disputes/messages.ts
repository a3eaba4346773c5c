import { z } from 'zod';
import {
  evidenceBytesMax,
  evidenceKinds,
  evidenceTextMax,
  evidenceTypes,
  type EvidenceType,
} from '../../../domain/dispute/evidence';
import type { PublicDispute } from '../../../domain/dispute/present';
import { disputeFundsStates, disputeStatuses, type DisputeStatus } from '../../../domain/dispute/status';
import type { ErrorCode } from '../../errors';
import { idOutput } from '../../schemas/ids';
import { pageQuery } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { moment } from '../../schemas/moment';

export const disputeBody = z
  .object({
    id: idOutput('dispute'),
    object: z.literal('dispute'),
    mode: modeField,
    merchantId: idOutput('merchant'),
    paymentId: idOutput('payment'),
    channel: z.string(),
    channelReference: z.string().meta({ description: "The channel's number of the dispute." }),
    status: z.enum(disputeStatuses).meta({
      description:
        'needs_response: evidence may be sent until evidenceDueAt. under_review: the bank decides. won: the bank decided for the merchant. lost: for the customer.',
    }),
    amount: z.string(),
    currency: z.string(),
    funds: z.enum(disputeFundsStates).meta({
      description:
        "What it does to the merchant's balance. withheld: the amount is set aside while the dispute runs. returned: it is back on the balance. taken: it is gone. untouched: the disputed money is not the merchant's, and nothing of theirs is withheld.",
    }),
    reasonCode: z.string().meta({ description: "The channel's word for what the customer claims." }),
    evidenceDueAt: z.iso.datetime().nullable(),
    evidenceSentAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Dispute' }) satisfies z.ZodType<PublicDispute>;

export const evidenceBody = z
  .object({
    id: idOutput('evidence'),
    object: z.literal('evidence'),
    disputeId: idOutput('dispute'),
    kind: z.enum(evidenceKinds),
    contentType: z.string(),
    bytes: z.int(),
    status: z.enum(['received', 'accepted', 'refused']).meta({
      description: 'received: on its way to the channel. accepted: the channel has it.',
    }),
    error: z.object({ code: z.string(), message: z.string(), rawCode: z.string().optional() }).nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Evidence' });

export const disputeWithEvidence = z
  .object({ ...disputeBody.shape, evidence: z.array(evidenceBody) })
  .meta({ id: 'DisputeWithEvidence' });

/** How far back a list goes when nothing is said: disputes come months after payments. */
export const daysByDefault = 365;

const statuses = z
  .string()
  .transform((text, ctx) => {
    const wanted = text.split(',').map((part) => part.trim());
    if (wanted.every((status) => (disputeStatuses as readonly string[]).includes(status))) {
      return wanted as DisputeStatus[];
    }
    ctx.addIssue({ code: 'custom', message: `wants one or several of ${disputeStatuses.join(', ')}` });
    return z.NEVER;
  })
  .meta({ description: `Several are separated by commas: ${disputeStatuses.join(', ')}.` });

export const disputesQuery = z.strictObject({
  ...pageQuery('dispute'),
  status: statuses.optional(),
  payment: z.string().min(1).max(64).optional().meta({ description: 'Disputes of one payment.' }),
  from: moment
    .optional()
    .meta({ description: `Opened then or later; ${daysByDefault} days ago by default.` }),
  to: moment.optional().meta({ description: 'Opened before that.' }),
});

/** Base64 of four letters for three bytes, and what stands around it. */
export const evidenceRequestBytesMax = Math.ceil(evidenceBytesMax / 3) * 4 + 65_536;

// Nothing looks at bytes that were not to be had of the text.
const content = z
  .base64({ abort: true })
  .max(Math.ceil(evidenceBytesMax / 3) * 4, { abort: true })
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length > 0 && bytes.length <= evidenceBytesMax, {
    error: `holds 1 to ${evidenceBytesMax} bytes`,
  })
  .meta({ contentEncoding: 'base64', description: `At most ${evidenceBytesMax} bytes.` });

const document = z
  .strictObject({
    name: z
      .string()
      // No control characters: without the property's name, which not every reader of the reference knows.
      .regex(/^[^\u0000-\u001f\u007f-\u009f/\\]{1,100}$/, 'wants the name of a file, without a folder'),
    contentType: z.enum(Object.keys(evidenceTypes) as [EvidenceType, ...EvidenceType[]]),
    content,
  })
  .refine(({ contentType, content: bytes }) => beginsLike(contentType, bytes), {
    path: ['content'],
    error: 'is not what contentType says',
  });

export const submitEvidenceBody = z
  .strictObject({
    kind: z.enum(evidenceKinds).default('other'),
    text: z
      .string()
      .max(evidenceTextMax)
      .default('')
      .meta({ description: 'What happened, in your own words; the bank reads it.' }),
    document: document.optional(),
  })
  .refine(({ text, document: file }) => text.trim() !== '' || file !== undefined, {
    path: ['text'],
    error: 'Send a text, a document, or both.',
    params: { errorCode: 'parameter_missing' satisfies ErrorCode },
  })
  .meta({ id: 'SubmitEvidence' });

function beginsLike(contentType: EvidenceType, bytes: Buffer): boolean {
  if (contentType !== 'text/plain') {
    return Buffer.from(evidenceTypes[contentType]).equals(
      bytes.subarray(0, evidenceTypes[contentType].length),
    );
  }
  return isText(bytes);
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
