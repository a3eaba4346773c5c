import type { Database } from '../../../db/pool';
import { loadPaymentById, type StoredPayment } from '../../../db/stores/payments-store';
import { refusalOf } from '../../../domain/payment/command';
import { presentPayment } from '../../../domain/payment/present';
import type { PaymentRequest } from '../../../domain/payment/request';
import type { Command } from '../../../workflows/contracts';
import { fail } from '../../errors';
import type { Idempotency } from '../../route';
import type { Commanded } from '../payments/command-payment';
import { doneBefore } from '../payments/done-before';

export interface AskPaymentDeps {
  database: Database;
  commandPayment(request: PaymentRequest, command: Command, refusals: number): Promise<Commanded>;
}

/** Asks a payment's workflow for something, and words what came of it. */
export async function askPayment(
  deps: AskPaymentDeps,
  stored: StoredPayment,
  command: Command,
  { refusals }: Idempotency,
) {
  // What the row forbids already needs no workflow to say so.
  const known = refusalOf(stored.state, command.kind);
  if (known === 'payment_closed' || known === 'not_in_queue') return fail(known);
  const outcome = await deps.commandPayment(stored.request, command, refusals);
  if (outcome.kind === 'refused') {
    const before = await doneBefore(deps.database, stored, command);
    if (before !== undefined) return before;
    return fail(outcome.code, outcome.error === undefined ? {} : { message: outcome.error.message });
  }
  const { request } = stored;
  if (outcome.kind === 'done') return { status: 200 as const, body: presentPayment(request, outcome.state) };
  const now = await loadPaymentById(deps.database, request.paymentId);
  return { status: 202 as const, body: presentPayment(request, (now ?? stored).state) };
}
