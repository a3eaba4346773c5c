import { z } from 'zod';
import type { RefundListQuery } from '../../../db/read-models/refund-list';
import { refundStatuses, type RefundStatus } from '../../../domain/refund/status';
import type { ApiError } from '../../errors';
import { idInput } from '../../schemas/ids';
import { pageQuery } from '../../schemas/list';
import { moment, refusePeriod } from '../../schemas/moment';

/** How far back a list goes when nothing is said: a page must not read years. */
const daysByDefault = 90;

const statuses = z
  .string()
  .transform((text, ctx) => {
    const wanted = text.split(',').map((part) => part.trim());
    if (wanted.every((status) => (refundStatuses as readonly string[]).includes(status))) {
      return wanted as RefundStatus[];
    }
    ctx.addIssue({ code: 'custom', message: `wants one or several of ${refundStatuses.join(', ')}` });
    return z.NEVER;
  })
  .meta({ description: `Several are separated by commas: ${refundStatuses.join(', ')}.` });

export const refundsQuery = z.strictObject({
  ...pageQuery('refund'),
  status: statuses.optional(),
  paymentId: idInput('payment').optional(),
  from: moment
    .optional()
    .meta({ description: `Asked for then or later; ${daysByDefault} days ago by default.` }),
  to: moment.optional().meta({ description: 'Asked for before that.' }),
});

export function readPage({
  status: wanted,
  from: since,
  to,
  ...rest
}: z.output<typeof refundsQuery>): RefundListQuery | ApiError<'parameter_invalid'> {
  const from = since ?? new Date(Date.now() - daysByDefault * 86_400_000);
  return refusePeriod(from, to) ?? { ...rest, statuses: wanted, from, to };
}
