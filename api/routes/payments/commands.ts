import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { loadPaymentById, loadPaymentByOrder, type StoredPayment } from '../../../db/stores/payments-store';
import { parsePublicId } from '../../../domain/ids';
import { isOverdue, overdue, refusalOf } from '../../../domain/payment/command';
import { presentPayment } from '../../../domain/payment/present';
import type { PaymentRequest } from '../../../domain/payment/request';
import type { AskedBy, Command } from '../../../workflows/contracts';
import { askedBy, type Caller } from '../../caller';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Idempotency, type Route } from '../../route';
import { amountErrors, readAmount } from '../../schemas/amount';
import type { Commanded } from './command-payment';
import { doneBefore } from './done-before';
import { attemptBody, cancelBody, captureBody, paymentBody, reviewBody } from './messages';

export interface CommandRoutesDeps {
  database: Database;
  commandPayment(request: PaymentRequest, command: Command, refusals: number): Promise<Commanded>;
}

const params = z.strictObject({ id: z.string().min(1).max(64) });
/** Of whatever is asked of a payment's workflow. */
export const commandResponses = {
  200: { description: 'Done: the payment as it is now.', body: paymentBody },
  202: {
    description:
      'Accepted and still under way: read the payment again, or repeat the request with its Idempotency-Key.',
    body: paymentBody,
    isInterim: true,
  },
} as const;
const commandErrors = [
  'not_found',
  'payment_closed',
  'payment_in_doubt',
  'not_capturable',
  'not_cancellable',
  'not_retryable',
  'not_in_review',
  'not_in_queue',
  'attempts_exhausted',
  'attempt_begun',
  'capture_exceeds_authorized',
  'already_paid',
  'channel_refused',
  'amount_not_taken',
  'too_many_commands',
  'command_outcome_unknown',
] as const;

/** What can be asked of a payment that has not ended; its workflow does one thing after the other. */
export function commandRoutes(deps: CommandRoutesDeps): Route[] {
  const capture = defineRoute({
    operationId: 'capturePayment',
    method: 'post',
    path: '/payments/{id}/capture',
    tag: 'Payments',
    summary: 'Capture what a payment has reserved, wholly or in part',
    description: 'An operator names the payment by its id.',
    auth: 'either',
    params,
    body: captureBody,
    responses: commandResponses,
    errors: [...commandErrors, ...amountErrors],
    handler: async ({ caller, params: { id }, body, idempotency }) => {
      const stored = await findPayment(deps.database, caller, id);
      if (stored === undefined) return fail('not_found');
      const amount = body.amount === undefined ? undefined : readAmount(body.amount, stored.request.currency);
      if (amount instanceof ApiError) return amount;
      const { isFinal } = body;
      const what = { kind: 'capture', amountMinor: amount?.toString(), isFinal } as const;
      return ask(stored, { ...head(idempotency, caller), ...what }, idempotency);
    },
  });

  const cancel = defineRoute({
    operationId: 'cancelPayment',
    method: 'post',
    path: '/payments/{id}/cancel',
    tag: 'Payments',
    summary: 'Cancel a payment, or let go what is not captured of it',
    description:
      'Of a reservation that is captured in part the rest is released, and the payment ends as paid with what is captured. An operator names the payment by its id.',
    auth: 'either',
    params,
    body: cancelBody,
    responses: commandResponses,
    errors: commandErrors,
    handler: async ({ caller, params: { id }, body, idempotency }) => {
      const stored = await findPayment(deps.database, caller, id);
      if (stored === undefined) return fail('not_found');
      return ask(stored, { ...head(idempotency, caller), kind: 'cancel', reason: body.reason }, idempotency);
    },
  });

  const attempt = defineRoute({
    operationId: 'attemptPayment',
    method: 'post',
    path: '/payments/{id}/attempts',
    tag: 'Payments',
    summary: 'Try a declined payment again, by the same or another method',
    auth: 'merchant',
    params,
    body: attemptBody,
    responses: commandResponses,
    errors: commandErrors,
    handler: async ({ caller, params: { id }, body, idempotency }) => {
      const stored = await findPayment(deps.database, caller, id);
      if (stored === undefined) return fail('not_found');
      return ask(stored, { ...head(idempotency, caller), kind: 'attempt', ...body }, idempotency);
    },
  });

  const review = defineRoute({
    operationId: 'reviewPayment',
    method: 'post',
    path: '/payments/{id}/review',
    tag: 'Payments',
    summary: 'Decide about a payment that waits for an operator',
    auth: 'admin',
    params,
    body: reviewBody,
    responses: commandResponses,
    errors: commandErrors,
    handler: async ({ caller, params: { id }, body, idempotency }) => {
      const stored = await findPayment(deps.database, caller, id);
      if (stored === undefined) return fail('not_found');
      return ask(stored, { ...head(idempotency, caller), kind: 'review', ...body }, idempotency);
    },
  });

  async function ask(stored: StoredPayment, command: Command, { refusals }: Idempotency) {
    const done = await doneBefore(deps.database, stored, command);
    if (done !== undefined) return done;
    // What the row forbids already needs no workflow to say so.
    const known = refusalOf(stored.state, command.kind);
    if (known === 'payment_closed') return fail(known);
    const isTooLate = command.kind === 'attempt' && known === undefined && isOverdue(stored.request);
    if (isTooLate) return fail('payment_closed', { message: overdue.message });
    const outcome = await deps.commandPayment(stored.request, command, refusals);
    if (outcome.kind === 'refused') {
      const before = await doneBefore(deps.database, stored, command);
      if (before !== undefined) return before;
      if (outcome.error?.code === 'amount_not_taken')
        return fail('amount_not_taken', { message: outcome.error.message });
      return fail(outcome.code, outcome.error === undefined ? {} : { message: outcome.error.message });
    }
    const { request } = stored;
    const isDone = outcome.kind === 'done';
    if (isDone && command.kind !== 'review')
      return { status: 200 as const, body: presentPayment(request, outcome.state) };
    // An approval gives it another time to expire, which stands in its row.
    const now = (await loadPaymentById(deps.database, request.paymentId)) ?? stored;
    return isDone
      ? { status: 200 as const, body: presentPayment(now.request, outcome.state) }
      : { status: 202 as const, body: presentPayment(now.request, now.state) };
  }

  return [capture, cancel, attempt, review];
}

function head(idempotency: Idempotency, caller: Caller): { id: string; by: AskedBy } {
  return { id: idempotency.resourceId, by: askedBy(caller) };
}

/** No orderId begins like a payment id, so one address serves both; operators name payments by id. */
export async function findPayment(
  database: Database,
  caller: Caller,
  id: string,
): Promise<StoredPayment | undefined> {
  const paymentId = parsePublicId('payment', id);
  if (paymentId === undefined) {
    return caller.role === 'merchant' ? loadPaymentByOrder(database, caller, id) : undefined;
  }
  const stored = await loadPaymentById(database, paymentId);
  if (stored === undefined || caller.role === 'admin') return stored;
  const { merchantId, mode } = stored.request;
  return merchantId === caller.merchantId && mode === caller.mode ? stored : undefined;
}
