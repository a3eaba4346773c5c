import { z } from 'zod';
import { publicId } from '../../../domain/ids';
import type { Database } from '../../../db/pool';
import {
  findReceivedEvent,
  listReceivedEvents,
  receivedStatuses,
  type ReceivedEvent,
} from '../../../db/read-models/received-events';
import { resolveArrival } from '../../../db/stores/webhook-inbox-store';
import type { Caller } from '../../caller';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { channelName } from '../../schemas/channel-name';
import { idInPath, idInput, idOutput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { moment, refusePeriod } from '../../schemas/moment';
import { findPayment } from '../payments/commands';

/** How far back the list goes when nothing is said. */
const daysByDefault = 7;

const receivedEvent = z
  .object({
    id: idOutput('inbox'),
    object: z.literal('received_event'),
    channel: z.string(),
    channelConfigId: idOutput('channelConfig'),
    mode: modeField,
    providerEventId: z.string(),
    paymentId: idOutput('payment').nullable(),
    about: z
      .enum(['charge', 'refund', 'dispute', 'customer'])
      .nullable()
      .meta({ description: 'null: genuine, but nothing that payments care about.' }),
    says: z.string().nullable().meta({ description: 'What became of it, in the words of this platform.' }),
    reference: z.string().nullable().meta({ description: 'Of the attempt or the refund.' }),
    occurredAt: z.string().nullable(),
    status: z.enum(receivedStatuses).meta({
      description:
        'received: not yet brought to an end. applied: it changed something. ignored: there was nothing to change. set_aside: it can not be applied, and waits for nothing but an operator. resolved: an operator has seen to it.',
    }),
    reason: z.string().nullable().meta({ description: 'Why it was set aside.' }),
    receivedAt: z.iso.datetime(),
    settledAt: z.iso.datetime().nullable(),
    resolution: z
      .object({ reason: z.string(), keyId: idOutput('apiKey'), at: z.iso.datetime() })
      .nullable()
      .meta({
        description: 'What was done about an event that was set aside, and by whom: for operators alone.',
      }),
  })
  .meta({ id: 'ReceivedEvent' });

const query = z.strictObject({
  ...pageQuery('inbox'),
  payment: z.string().min(1).max(64).optional().meta({ description: 'Events of one payment.' }),
  channel: channelName.optional(),
  channelConfigId: idInput('channelConfig').optional(),
  status: z.enum(receivedStatuses).optional(),
  from: moment
    .optional()
    .meta({ description: `Received then or later; ${daysByDefault} days ago, if no payment is named.` }),
  to: moment.optional().meta({ description: 'Received before that.' }),
});

const resolveBody = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .meta({
        description: 'What was done about it, or why nothing need be.',
        examples: ['Not true: Stripe support, case 4711'],
      }),
  })
  .meta({ id: 'ResolveReceivedEvent' });

export function receivedRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listReceivedEvents',
    method: 'get',
    path: '/webhooks/received',
    tag: 'Webhooks',
    summary: 'List the events that channels have sent, newest first',
    description: 'A merchant sees those of its own payments.',
    auth: 'either',
    query,
    responses: { 200: { description: 'One page of events.', body: listOf(receivedEvent) } },
    errors: ['not_found'],
    handler: async ({ caller, query: { payment, from, ...wanted } }) => {
      const paymentId = payment === undefined ? undefined : await paymentIdOf(caller, payment);
      if (payment !== undefined && paymentId === undefined) return fail('not_found', { param: 'payment' });
      const since = from ?? (paymentId === undefined ? daysAgo(daysByDefault) : new Date(0));
      const problem = refusePeriod(since, wanted.to);
      if (problem !== undefined) return problem;
      const rows = await listReceivedEvents(deps.database, caller, {
        ...wanted,
        paymentId,
        from: since,
      });
      return { status: 200 as const, body: toList(rows, wanted.limit, (event) => present(caller, event)) };
    },
  });

  const resolve = defineRoute({
    operationId: 'resolveReceivedEvent',
    method: 'post',
    path: '/admin/webhooks/received/{id}/resolve',
    tag: 'Webhooks',
    summary: 'Say what was done about an event that was set aside',
    description:
      'It then waits for nobody any more, and is not applied later either. Moves no money: corrections do. Said once.',
    auth: 'admin',
    params: z.strictObject({ id: idInPath('inbox') }),
    body: resolveBody,
    responses: { 200: { description: 'Said.', body: receivedEvent } },
    errors: ['not_found', 'event_not_set_aside'],
    handler: async ({ caller, params: { id }, body: { reason } }) => {
      const isResolved = await resolveArrival(deps.database, id, { reason, keyId: caller.keyId });
      const event = await findReceivedEvent(deps.database, id);
      if (event === undefined) return fail('not_found');
      if (!isResolved) return fail('event_not_set_aside', { message: whyNot(event) });
      return { status: 200 as const, body: present(caller, event) };
    },
  });

  async function paymentIdOf(caller: Caller, text: string): Promise<string | undefined> {
    return (await findPayment(deps.database, caller, text))?.request.paymentId;
  }

  return [list, resolve];
}

function whyNot({ status }: ReceivedEvent): string {
  return status === 'resolved'
    ? 'An operator has resolved this event already.'
    : `The event is ${status}: it does not wait for an operator.`;
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}

function present(caller: Caller, event: ReceivedEvent): z.input<typeof receivedEvent> {
  const { resolution } = event;
  return {
    ...event,
    id: publicId('inbox', event.id),
    object: 'received_event',
    channelConfigId: publicId('channelConfig', event.channelConfigId),
    paymentId: event.paymentId === null ? null : publicId('payment', event.paymentId),
    receivedAt: event.receivedAt.toISOString(),
    settledAt: event.settledAt?.toISOString() ?? null,
    resolution:
      resolution === null || caller.role === 'merchant'
        ? null
        : {
            reason: resolution.reason,
            keyId: publicId('apiKey', resolution.keyId),
            at: resolution.at.toISOString(),
          },
  };
}
