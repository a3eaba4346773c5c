import { z } from 'zod';
import { listReviews } from '../../../db/read-models/review-list';
import type { Database } from '../../../db/pool';
import type { StoredPayment } from '../../../db/stores/payments-store';
import { presentPayment } from '../../../domain/payment/present';
import { defineRoute, type Route } from '../../route';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { paymentBody } from './messages';

const reviewOutput = z
  .object({
    object: z.literal('review'),
    payment: paymentBody,
    reason: z.string().nullable().meta({ description: 'Why an operator has to decide.' }),
    decideBy: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'If nobody has decided by then, atDeadline does.' }),
    atDeadline: z.enum(['approve', 'reject']),
  })
  .meta({ id: 'PaymentReview' });

export function reviewRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listReviews',
    method: 'get',
    path: '/admin/reviews',
    tag: 'Payments',
    summary: 'List payments that wait for an operator, of all merchants, oldest first',
    description: 'Each is decided by POST /payments/{id}/review.',
    auth: 'admin',
    query: z.strictObject({ ...pageQuery('payment'), mode: modeField.optional() }),
    responses: { 200: { description: 'One page.', body: listOf(reviewOutput) } },
    errors: [],
    handler: async ({ query }) => {
      const rows = await listReviews(deps.database, query);
      return { status: 200 as const, body: toList(rows, query.limit, present) };
    },
  });

  return [list];
}

function present({ request, state, plan, wakeAt }: StoredPayment): z.input<typeof reviewOutput> {
  return {
    object: 'review',
    payment: presentPayment(request, state),
    reason: plan.review ?? null,
    decideBy: wakeAt?.toISOString() ?? null,
    atDeadline: plan.rules.reviewAtDeadline,
  };
}
