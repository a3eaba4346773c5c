import { z } from 'zod';
import { listAttempts, type ListedAttempt } from '../../../db/read-models/payment-attempts';
import type { Database } from '../../../db/pool';
import { formatAmount } from '../../../domain/money/amount';
import type { PaymentRequest } from '../../../domain/payment/request';
import { isUncalled } from '../../../domain/payment/uncalled';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountOutput } from '../../schemas/amount';
import { limitQuery, listOf, toList } from '../../schemas/list';
import { findPayment } from './commands';

const attemptOutput = z
  .object({
    object: z.literal('attempt'),
    number: z.int(),
    reference: z.string().meta({ description: 'What the channel knows it by.' }),
    channel: z.string(),
    method: z.string().nullable(),
    status: z.string().meta({
      description:
        'planned: nothing is sent yet. sending: the channel has not answered. action_required: the customer is to pay. processing: the channel is working on it. authorized: reserved. succeeded. declined. unavailable: nothing happened there. unknown: the channel is being asked what became of it. cancelled. expired.',
    }),
    amount: amountOutput,
    currency: z.string(),
    providerReference: z.string().nullable().meta({ description: "The channel's own number of the charge." }),
    rawCode: z.string().nullable().meta({ description: "The channel's own code, as it came." }),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    sentAt: z.iso.datetime().nullable().meta({ description: 'Null: nothing was sent to the channel.' }),
    answeredAt: z.iso.datetime().nullable(),
    charges: z
      .array(
        z.object({
          amount: amountOutput,
          currency: z.string(),
          providerReference: z.string(),
          place: z.enum(['payment', 'suspense', 'accepted', 'given_back', 'lost']).meta({
            description:
              'payment: it pays this payment. suspense: late, second or of another amount, and not decided yet. accepted: from suspense, the merchant has it, or what is left of it. given_back: from suspense, or after it was accepted, the customer has got it back. lost: a dispute has taken it from suspense.',
          }),
        }),
      )
      .meta({
        description:
          'What the channel charged on this attempt, whatever its status says: a declined or cancelled one may have been paid all the same. Each capture is one.',
      }),
  })
  .meta({ id: 'PaymentAttempt' });

const attemptsQuery = z.strictObject({
  limit: limitQuery,
  startingAfter: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'wants the number of an attempt')
    .transform(Number)
    .optional()
    .meta({ description: 'The number of the last attempt of the page before.' }),
});

export function attemptRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listAttempts',
    method: 'get',
    path: '/payments/{id}/attempts',
    tag: 'Payments',
    summary: "List a payment's attempts in the order in which they were made",
    auth: 'either',
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    query: attemptsQuery,
    responses: { 200: { description: 'One page of attempts.', body: listOf(attemptOutput) } },
    errors: ['not_found'],
    handler: async ({ caller, params, query: { limit, startingAfter: after = 0 } }) => {
      const stored = await findPayment(deps.database, caller, params.id);
      if (stored === undefined) return fail('not_found');
      const { request } = stored;
      const rows = await listAttempts(deps.database, request.paymentId, { limit, after });
      return { status: 200 as const, body: toList(rows, limit, (row) => present(request, row)) };
    },
  });

  return [list];
}

function present(
  { amountMinor, currency, method }: PaymentRequest,
  row: ListedAttempt,
): z.input<typeof attemptOutput> {
  const { error, sentAt } = row;
  return {
    object: 'attempt',
    number: row.attemptNo,
    reference: row.reference,
    channel: row.channel,
    method: row.method ?? method ?? null,
    status: row.status,
    amount: formatAmount(BigInt(amountMinor), currency),
    currency,
    providerReference: row.providerRef ?? null,
    rawCode: error?.rawCode ?? null,
    error: error === undefined ? null : { code: error.code, message: error.message },
    sentAt: isUncalled(row.status, error) ? null : sentAt.toISOString(),
    answeredAt: row.answeredAt?.toISOString() ?? null,
    charges: row.charges.map(({ providerRef, place, ...money }) => {
      const charged = formatAmount(money.amount, money.currency);
      return { amount: charged, currency: money.currency, providerReference: providerRef, place };
    }),
  };
}
