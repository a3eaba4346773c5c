import { z } from 'zod';
import { publicId } from '../../../domain/ids';
import type { Database } from '../../../db/pool';
import { callbackStatuses, listCallbacks, type ListedCallback } from '../../../db/read-models/callback-list';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath, idOutput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { findPayment } from '../payments/commands';

export interface CallbackRoutesDeps {
  database: Database;
  callbacks: { resend(eventId: string): Promise<void> };
}

const callback = z
  .object({
    id: idOutput('event'),
    object: z.literal('callback'),
    paymentId: idOutput('payment'),
    callbackEndpointId: idOutput('webhookEndpoint'),
    type: z.string(),
    sequence: z.int(),
    status: z.enum(callbackStatuses).meta({
      description:
        'pending: about to be sent. handed_over: not taken at the first try, tried again with growing pauses. abandoned: never taken; it can be sent again by hand.',
    }),
    createdAt: z.iso.datetime(),
    settledAt: z.iso.datetime().nullable(),
    tries: z.array(
      z.object({
        no: z.int(),
        at: z.iso.datetime(),
        durationMs: z.int(),
        statusCode: z.int().nullable(),
        answer: z.string().meta({ description: "The answer's first kilobyte, or why there was none." }),
      }),
    ),
  })
  .meta({ id: 'Callback' });

const listQuery = z.strictObject({
  ...pageQuery('event'),
  payment: z.string().min(1).max(64).optional().meta({ description: 'Callbacks of one payment.' }),
  status: z.enum(callbackStatuses).optional(),
});

/** What merchants were told, with each try, for as long as it is kept. */
export function callbackRoutes(deps: CallbackRoutesDeps): Route[] {
  const list = defineRoute({
    operationId: 'listCallbacks',
    method: 'get',
    path: '/callbacks',
    tag: 'Callbacks',
    summary: 'List callbacks with each of their tries, newest first',
    auth: 'either',
    query: listQuery,
    responses: { 200: { description: 'One page of callbacks.', body: listOf(callback) } },
    errors: ['not_found'],
    handler: async ({ caller, query: { payment, startingAfter, limit, status } }) => {
      const paymentId =
        payment === undefined
          ? undefined
          : (await findPayment(deps.database, caller, payment))?.request.paymentId;
      if (payment !== undefined && paymentId === undefined) return fail('not_found', { param: 'payment' });
      const filter = { limit: limit + 1, before: startingAfter, paymentId, status };
      const rows = await listCallbacks(deps.database, caller, filter);
      return { status: 200 as const, body: toList(rows, limit, present) };
    },
  });

  const resend = defineRoute({
    operationId: 'resendCallback',
    method: 'post',
    path: '/callbacks/{eventId}/resend',
    tag: 'Callbacks',
    summary: 'Send a callback again, at once',
    description: 'Also one that was delivered or abandoned: its period of tries begins anew.',
    auth: 'either',
    params: z.strictObject({ eventId: idInPath('event') }),
    responses: { 202: { description: 'It is being sent; the list shows the try.', body: callback } },
    errors: ['not_found'],
    handler: async ({ caller, params: { eventId } }) => {
      const [found] = await listCallbacks(deps.database, caller, { limit: 1, eventId });
      if (found === undefined) return fail('not_found');
      await deps.callbacks.resend(eventId);
      return { status: 202 as const, body: present(found) };
    },
  });

  return [list, resend];
}

function present(one: ListedCallback): z.input<typeof callback> {
  return {
    id: publicId('event', one.id),
    object: 'callback',
    paymentId: publicId('payment', one.paymentId),
    callbackEndpointId: publicId('webhookEndpoint', one.endpointId),
    type: one.type,
    sequence: one.sequence,
    status: one.status,
    createdAt: one.createdAt.toISOString(),
    settledAt: one.settledAt?.toISOString() ?? null,
    tries: one.tries.map((tried) => ({ ...tried, at: tried.at.toISOString() })),
  };
}
