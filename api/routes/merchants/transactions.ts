import { z } from 'zod';
import { listPayments } from '../../../db/read-models/payment-list';
import type { Database } from '../../../db/pool';
import { findMerchant } from '../../../db/stores/merchants-store';
import { loadPaymentByOrder } from '../../../db/stores/payments-store';
import { parsePublicId } from '../../../domain/ids';
import { presentPayment } from '../../../domain/payment/present';
import type { Mode } from '../../../domain/payment/reference';
import { paymentMethods } from '../../../domain/payment/request';
import { paymentStatuses, type PaymentStatus } from '../../../domain/payment/status';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { currencyInput } from '../../schemas/amount';
import { limitQuery, listOf, toList } from '../../schemas/list';
import { modeOf, modeQuery } from '../../schemas/mode';
import { moment, refusePeriod } from '../../schemas/moment';
import { paymentBody } from '../payments/messages';
import { merchantParams } from './schemas';

/** How far back a list goes when nothing is said: a page must not read years. */
const daysByDefault = 90;

const shownStatuses: readonly string[] = paymentStatuses;

const statuses = z
  .string()
  .transform((text, ctx) => {
    const wanted = text.split(',').map((part) => part.trim());
    if (wanted.every((status) => shownStatuses.includes(status))) return wanted as PaymentStatus[];
    ctx.addIssue({ code: 'custom', message: `wants one or several of ${shownStatuses.join(', ')}` });
    return z.NEVER;
  })
  .meta({ description: `Several are separated by commas: ${shownStatuses.join(', ')}.` });

const transactionsQuery = z.strictObject({
  limit: limitQuery,
  startingAfter: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'The id or orderId of the last payment of the page before.' }),
  status: statuses.optional(),
  currency: currencyInput.optional(),
  method: z.enum(paymentMethods).optional(),
  from: moment
    .optional()
    .meta({ description: `Created then or later; ${daysByDefault} days ago by default.` }),
  to: moment.optional().meta({ description: 'Created before that.' }),
  mode: modeQuery,
});

type PageQuery = Omit<z.output<typeof transactionsQuery>, 'mode'>;

export function transactionRoutes(deps: { database: Database }): Route[] {
  const list = defineRoute({
    operationId: 'listTransactions',
    method: 'get',
    path: '/merchants/{merchantId}/transactions',
    tag: 'Merchants',
    summary: "List a merchant's payments, newest first",
    auth: 'either',
    params: merchantParams,
    query: transactionsQuery,
    responses: { 200: { description: 'One page of payments.', body: listOf(paymentBody) } },
    errors: ['not_found', 'permission_denied', 'currency_unknown'],
    handler: async ({ caller, params, query }) => {
      const mode = modeOf(caller, query.mode);
      if (mode instanceof ApiError) return mode;
      const merchant = await findMerchant(deps.database, caller, params.merchantId);
      if (merchant === undefined) return fail('not_found');
      return page({ merchantId: merchant.id, mode }, query);
    },
  });

  const listOwn = defineRoute({
    operationId: 'listPayments',
    method: 'get',
    path: '/payments',
    tag: 'Payments',
    summary: 'List your payments, newest first',
    auth: 'merchant',
    query: transactionsQuery.omit({ mode: true }),
    responses: { 200: { description: 'One page of payments.', body: listOf(paymentBody) } },
    errors: ['currency_unknown'],
    handler: async ({ caller, query }) => page(caller, query),
  });

  async function page(of: { merchantId: string; mode: Mode }, query: PageQuery) {
    const startingAfter = await cursor(of, query.startingAfter);
    if (startingAfter instanceof ApiError) return startingAfter;
    const { limit, currency, method, to, status } = query;
    const from = query.from ?? new Date(Date.now() - daysByDefault * 86_400_000);
    const problem = refusePeriod(from, to);
    if (problem !== undefined) return problem;
    const wanted = { limit, currency, method, from, to, startingAfter, statuses: status };
    const rows = await listPayments(deps.database, of, wanted);
    return {
      status: 200 as const,
      body: toList(rows, limit, ({ request, state }) => presentPayment(request, state)),
    };
  }

  async function cursor(
    of: { merchantId: string; mode: Mode },
    text: string | undefined,
  ): Promise<string | undefined | ApiError<'parameter_invalid'>> {
    if (text === undefined) return undefined;
    const id =
      parsePublicId('payment', text) ??
      (await loadPaymentByOrder(deps.database, of, text))?.request.paymentId;
    return (
      id ?? fail('parameter_invalid', { param: 'startingAfter', message: 'There is no such payment here.' })
    );
  }

  return [list, listOwn];
}
