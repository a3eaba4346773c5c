import { z } from 'zod';
import { publicId } from '../../../domain/ids';
import { messageStatuses } from '../../../domain/message/status';
import type { MessageCall } from '../../../db/stores/message-calls-store';
import type { StoredMessage } from '../../../db/stores/messages-store';
import { idOutput } from '../../schemas/ids';
import { pageQuery } from '../../schemas/list';

const kind = z.enum(['mail', 'sms']);
const status = z.enum(messageStatuses);

export const newMessage = z
  .strictObject({
    serviceTypePreference: z
      .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{1,99}$/, 'wants names of services'))
      .min(1)
      .max(5)
      .meta({
        description: 'Services by name, the first choice first, all of them for mail or all for SMS.',
      }),
    recipient: z
      .string()
      .min(1)
      .max(320)
      .meta({ description: 'A mail address, or a number such as +886912345678.' }),
    subject: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'Of a mail; an SMS has none.' }),
    body: z
      .string()
      .min(1)
      .max(50_000)
      .meta({ description: 'Plain text; of an SMS at most 1,600 characters.' }),
    html: z.string().min(1).max(50_000).optional().meta({ description: 'Of a mail, beside the plain text.' }),
    onDoubt: z.enum(['hold', 'resend']).default('hold').meta({
      description:
        'When nobody can say whether it was sent: hold leaves it to an operator, resend risks that it comes twice.',
    }),
  })
  .meta({ id: 'NewMessage' });

export const messagesQuery = z.strictObject({
  ...pageQuery('message'),
  status: status.optional(),
  kind: kind.optional(),
});

export const retryBody = z
  .strictObject({
    mayArriveTwice: z.boolean().default(false).meta({
      description: 'Without it a message in doubt is not sent again.',
    }),
  })
  .meta({ id: 'RetryMessage' });

const service = z.object({ id: idOutput('service'), name: z.string() });

export const messageOutput = z
  .object({
    id: idOutput('message'),
    object: z.literal('message'),
    kind,
    serviceTypePreference: z.array(z.string()),
    recipient: z.string().meta({ description: 'Masked. What was written to whom is not shown again.' }),
    onDoubt: z.enum(['hold', 'resend']),
    status: status.meta({
      description:
        'queued: to be sent. in_doubt: it may have been sent. sent: a provider has it. dead_letter: its tries are used up, and it is tried again now and then. abandoned: and that for too long.',
    }),
    tries: z.int().meta({
      description:
        'How often it was tried, the one that succeeded included. A try goes through the whole preference list; a retry by hand begins at 0.',
    }),
    service: service.nullable().meta({ description: 'Who has it, or may have it.' }),
    providerRef: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string(), rawCode: z.string().optional() }).nullable(),
    nextLookAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    sentAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Message' });

export const messageWithCalls = messageOutput
  .extend({
    calls: z
      .array(
        z.object({
          callNo: z.int(),
          service,
          outcome: z.enum(['ok', 'declined', 'retryable', 'misconfigured', 'unknown']).nullable(),
          code: z.string().nullable(),
          beganAt: z.iso.datetime(),
          endedAt: z.iso.datetime().nullable(),
        }),
      )
      .meta({ description: 'Each time that it was handed to a service; the last 200.' }),
  })
  .meta({ id: 'MessageWithCalls' });

export function presentMessage(message: StoredMessage): z.input<typeof messageOutput> {
  const { serviceId, serviceName = '' } = message;
  return {
    id: publicId('message', message.id),
    object: 'message',
    kind: message.kind,
    serviceTypePreference: message.preference,
    recipient: message.recipientMasked,
    onDoubt: message.onDoubt,
    status: message.status,
    tries: message.tries,
    service: serviceId === undefined ? null : { id: publicId('service', serviceId), name: serviceName },
    providerRef: message.providerRef ?? null,
    error: message.error ?? null,
    nextLookAt: message.wakeAt?.toISOString() ?? null,
    createdAt: message.createdAt.toISOString(),
    sentAt: message.sentAt?.toISOString() ?? null,
    finishedAt: message.finishedAt?.toISOString() ?? null,
  };
}

export function presentCall(call: MessageCall) {
  return {
    callNo: call.callNo,
    service: { id: publicId('service', call.serviceId), name: call.serviceName },
    outcome: call.outcome ?? null,
    code: call.code ?? null,
    beganAt: call.beganAt.toISOString(),
    endedAt: call.endedAt?.toISOString() ?? null,
  };
}
